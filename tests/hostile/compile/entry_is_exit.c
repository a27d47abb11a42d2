// E5: the entry is another name for exit => compile_error | rejected_binary
// harness: hostile-matmul
// An alias must be defined in the same file, and a name of another library is no function of this one.

__asm__(".globl hostile_matmul\n.type hostile_matmul,@function\n.set hostile_matmul,exit");

