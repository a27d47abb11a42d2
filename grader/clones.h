/* SPDX-License-Identifier: MIT */
/* One function, compiled for several vector widths; the widest that the processor has is chosen when the program is
 * loaded. For plain loops over arrays in files that are compiled without contraction: then every clone gives the same
 * bits. A sanitizer cannot follow the choice at load time, so sanitized builds have one version. */
#ifndef GRADER_CLONES_H
#define GRADER_CLONES_H

#if defined(HARNESS_SANITIZED) || !defined(__x86_64__)
#define CLONES
#else
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#endif

#endif
