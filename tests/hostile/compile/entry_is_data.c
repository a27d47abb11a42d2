// E5: the entry is an array of numbers => compile_error
// harness: hostile-matmul
// The contract is included first, so the types disagree.

int hostile_matmul[] = {0xc3};

