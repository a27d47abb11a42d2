/* SPDX-License-Identifier: MIT */
/* The candidate's file seen as an attacker's: first the header and the segments, here; then what the dynamic section
 * leads to, in elfvet_dynamic.c and elfvet_symbols.c. Anything that is not known to be harmless is refused, because the
 * next thing that reads this file is the dynamic loader, inside a process without the strict filter. */
#include "grader/sandbox/elfvet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "grader/sandbox/elfvet_image.h"

enum { SEGMENTS_MAX = 32 };
static const uint64_t page_bytes = 4096;
static const uint64_t align_max = UINT64_C(1) << 21;
static const uint64_t address_max = UINT64_C(1) << 40;

int elfvet_refuse(struct elfvet_image *image, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(image->reason, image->reason_size, format, arguments);
    va_end(arguments);
    for (char *c = image->reason; image->reason_size > 0 && *c != '\0'; c++) /* names come from the candidate */
        if (*c < ' ' || *c > '~')
            *c = '?';
    return -1;
}

bool elfvet_copy(const struct elfvet_image *image, uint64_t offset, void *out, size_t count) {
    if (offset > image->size || count > image->size - offset)
        return false;
    memcpy(out, image->bytes + offset, count);
    return true;
}

static bool covers(uint64_t start, uint64_t length, uint64_t address, uint64_t count) {
    return address >= start && address - start <= length && count <= length - (address - start);
}

const struct elfvet_load *elfvet_in_file(const struct elfvet_image *image, uint64_t address, uint64_t count) {
    for (size_t i = 0; i < image->load_count; i++)
        if (covers(image->load[i].address, image->load[i].file_bytes, address, count))
            return &image->load[i];
    return NULL;
}

const struct elfvet_load *elfvet_in_memory(const struct elfvet_image *image, uint64_t address, uint64_t count) {
    for (size_t i = 0; i < image->load_count; i++)
        if (covers(image->load[i].address, image->load[i].memory_bytes, address, count))
            return &image->load[i];
    return NULL;
}

bool elfvet_fetch(const struct elfvet_image *image, uint64_t address, void *out, size_t count) {
    const struct elfvet_load *load = elfvet_in_file(image, address, count);
    return load != NULL && elfvet_copy(image, load->offset + (address - load->address), out, count);
}

static int check_header(struct elfvet_image *image, Elf64_Ehdr *header) {
    if (!elfvet_copy(image, 0, header, sizeof *header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
        return elfvet_refuse(image, "is not an ELF file");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB)
        return elfvet_refuse(image, "is not 64-bit x86-64 code");
    if (header->e_ident[EI_VERSION] != EV_CURRENT || header->e_version != EV_CURRENT ||
        (header->e_ident[EI_OSABI] != ELFOSABI_NONE && header->e_ident[EI_OSABI] != ELFOSABI_GNU) ||
        header->e_ident[EI_ABIVERSION] != 0)
        return elfvet_refuse(image, "is for another system");
    if (header->e_type != ET_DYN)
        return elfvet_refuse(image, "is not a shared object");
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > SEGMENTS_MAX)
        return elfvet_refuse(image, "has a broken table of segments");
    return 0;
}

static uint64_t page_down(uint64_t address) {
    return address & ~(page_bytes - 1);
}

static uint64_t page_up(uint64_t address) {
    return page_down(address + page_bytes - 1);
}

/* The loader maps whole pages. Were a page part of two segments, it would hold other bytes than those checked here. */
static int add_load(struct elfvet_image *image, const Elf64_Phdr *segment) {
    const bool writable = (segment->p_flags & PF_W) != 0, executable = (segment->p_flags & PF_X) != 0;
    if (writable && executable)
        return elfvet_refuse(image, "has a segment that is both writable and executable");
    if ((segment->p_flags & PF_R) == 0)
        return elfvet_refuse(image, "has a segment that cannot be read");
    if (segment->p_filesz > segment->p_memsz || segment->p_offset > image->size ||
        segment->p_filesz > image->size - segment->p_offset)
        return elfvet_refuse(image, "has a segment that goes beyond the end of the file");
    if (segment->p_vaddr > address_max || segment->p_memsz > address_max)
        return elfvet_refuse(image, "has a segment too large to load");
    if (segment->p_align < page_bytes || segment->p_align > align_max ||
        (segment->p_align & (segment->p_align - 1)) != 0 ||
        (segment->p_vaddr - segment->p_offset) % segment->p_align != 0)
        return elfvet_refuse(image, "has a segment with a strange alignment");
    if (image->load_count > 0) {
        const struct elfvet_load *before = &image->load[image->load_count - 1];
        if (page_down(segment->p_vaddr) < page_up(before->address + before->memory_bytes))
            return elfvet_refuse(image, "has segments that overlap");
    }
    if (image->load_count == ELFVET_LOADS_MAX)
        return elfvet_refuse(image, "has too many segments");
    image->load[image->load_count++] = (struct elfvet_load){segment->p_vaddr, segment->p_offset, segment->p_filesz,
                                                            segment->p_memsz, writable,          executable};
    return 0;
}

static int add_dynamic(struct elfvet_image *image, const Elf64_Phdr *segment) {
    if (image->dynamic_bytes != 0)
        return elfvet_refuse(image, "has two dynamic sections");
    if (segment->p_filesz == 0 || segment->p_vaddr > address_max)
        return elfvet_refuse(image, "has a broken dynamic section");
    image->dynamic = segment->p_vaddr;
    image->dynamic_bytes = segment->p_filesz;
    return 0;
}

static int check_segment(struct elfvet_image *image, const Elf64_Phdr *segment, bool *has_stack) {
    switch (segment->p_type) {
    case PT_LOAD:
        return add_load(image, segment);
    case PT_DYNAMIC:
        return add_dynamic(image, segment);
    case PT_GNU_STACK:
        *has_stack = true;
        if ((segment->p_flags & PF_X) != 0)
            return elfvet_refuse(image, "asks for an executable stack");
        return 0;
    case PT_TLS:
        image->has_tls = true;
        image->tls_bytes += segment->p_memsz;
        return 0;
    case PT_NOTE:
    case PT_GNU_EH_FRAME:
    case PT_GNU_RELRO:
    case PT_GNU_PROPERTY:
        return 0;
    case PT_INTERP:
    case PT_PHDR: /* comes with the other; the loader would take its own list of segments from where this says */
        return elfvet_refuse(image, "names a program interpreter, as only programs do (PT_INTERP)");
    default:
        return elfvet_refuse(image, "has a segment of unknown type 0x%x", segment->p_type);
    }
}

/* What the loader reads or protects must lie inside the segments; looked at once all of them are known. */
static int check_place(struct elfvet_image *image, const Elf64_Phdr *segment) {
    bool inside = true;
    if (segment->p_type == PT_NOTE || segment->p_type == PT_GNU_PROPERTY || segment->p_type == PT_GNU_EH_FRAME ||
        segment->p_type == PT_DYNAMIC) {
        const struct elfvet_load *load = elfvet_in_file(image, segment->p_vaddr, segment->p_filesz);
        inside = load != NULL && segment->p_memsz == segment->p_filesz &&
                 segment->p_offset == load->offset + (segment->p_vaddr - load->address);
    } else if (segment->p_type == PT_TLS) {
        inside = segment->p_filesz <= segment->p_memsz && segment->p_memsz <= image->rules->image_bytes &&
                 segment->p_align >= 1 && segment->p_align <= page_bytes &&
                 (segment->p_align & (segment->p_align - 1)) == 0 &&
                 (segment->p_filesz == 0 || elfvet_in_file(image, segment->p_vaddr, segment->p_filesz) != NULL);
    } else if (segment->p_type == PT_GNU_RELRO) {
        const struct elfvet_load *load = elfvet_in_memory(image, segment->p_vaddr, 1);
        inside = load != NULL && load->writable && segment->p_memsz <= address_max &&
                 segment->p_vaddr + segment->p_memsz <= page_up(load->address + load->memory_bytes);
    }
    return inside ? 0 : elfvet_refuse(image, "has a segment of type 0x%x outside what is loaded", segment->p_type);
}

/* The loader reserves everything from the first page to the last, holes included. */
static int check_extent(struct elfvet_image *image) {
    uint64_t total = 0;
    for (size_t i = 0; i < image->load_count; i++)
        total += image->load[i].memory_bytes;
    if (image->load_count == 0)
        return elfvet_refuse(image, "has nothing to load");
    const struct elfvet_load *last = &image->load[image->load_count - 1];
    uint64_t extent = last->address + last->memory_bytes - image->load[0].address;
    uint64_t allowed = image->rules->image_bytes;
    if (total > allowed || extent > allowed + ELFVET_LOADS_MAX * align_max)
        return elfvet_refuse(image, "takes %llu KiB in memory (static arrays count); %llu KiB are allowed",
                             (unsigned long long)((total > allowed ? total : extent) >> 10),
                             (unsigned long long)(allowed >> 10));
    return 0;
}

static int check_segments(struct elfvet_image *image, const Elf64_Ehdr *header) {
    Elf64_Phdr segment[SEGMENTS_MAX];
    bool has_stack = false;
    if (!elfvet_copy(image, header->e_phoff, segment, header->e_phnum * sizeof segment[0]))
        return elfvet_refuse(image, "has its table of segments beyond the end of the file");
    for (size_t i = 0; i < header->e_phnum; i++)
        if (check_segment(image, &segment[i], &has_stack) != 0)
            return -1;
    for (size_t i = 0; i < header->e_phnum; i++)
        if (check_place(image, &segment[i]) != 0)
            return -1;
    if (!has_stack) /* the old default is an executable one */
        return elfvet_refuse(image, "does not say that its stack is not executable");
    return check_extent(image) == 0 ? elfvet_check_static(image) : -1;
}

int elfvet_check(const void *bytes, size_t size, const struct elfvet_rules *rules, char *reason, size_t reason_size) {
    struct elfvet_image image = {
        .bytes = bytes, .size = size, .rules = rules, .reason = reason, .reason_size = reason_size};
    Elf64_Ehdr header;
    if (rules->call != NULL)
        rules->call[0] = '\0';
    if (check_header(&image, &header) != 0 || check_segments(&image, &header) != 0)
        return -1;
    return elfvet_check_dynamic(&image);
}
