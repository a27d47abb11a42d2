// E5: the entry is a number => rejected_binary | compile_error
// harness: hostile-matmul
// An absolute symbol is no function of the object.

__asm__(".globl hostile_matmul\n.type hostile_matmul,@function\n.set hostile_matmul,0x400000");

