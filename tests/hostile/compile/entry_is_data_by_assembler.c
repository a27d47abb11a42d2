// E5: the entry is data, put there by assembler => rejected_binary
// harness: hostile-matmul
// The vet wants a function in executable memory.

__asm__(".data\n.globl hostile_matmul\n.type hostile_matmul,@function\nhostile_matmul: .quad 0xc3\n.text");

