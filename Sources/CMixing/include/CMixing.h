#ifndef CMIXING_H
#define CMIXING_H

#include <stddef.h>
#include <stdint.h>

/*
 * The innermost loops of models (Specs/model.md §2 and §3): here and not in Swift, which cannot ask at run time for the
 * processor's wider instructions. Whichever are used, the results are the same.
 */

/* A code that is read. Behind its end stand zeros, which are counted. */
typedef struct {
    uint32_t low, high, value;
    uint32_t beyond;
    const uint8_t *next;
    size_t left;
} packetfs_code_reader;

/* A code that is written: the caller keeps its bytes. */
typedef struct {
    uint32_t low, high;
} packetfs_code_writer;

/* Most bytes that coding a byte, or one bit of it, writes. */
#define PACKETFS_MOST_CODE 32

/* What four slots say, brought together by the weights of a set. */
typedef struct {
    int32_t *weights;        /* four of each set */
    const uint16_t *squash;  /* 4096 */
    const int16_t *stretch;  /* 4096, and one more of no meaning */
    const uint32_t *rates;   /* 256 */
    int32_t rate;
    int32_t is_wide;         /* as packetfs_mixes_wide says, or 0 */
} packetfs_mixer;

/* Whether the processor has the instructions for mixing wide. */
int packetfs_mixes_wide(void);

typedef struct {
    uint32_t *each[4];
} packetfs_slots;

/* The bit that is read with four slots, which learn. */
int packetfs_read_bit(const packetfs_mixer *mixer, packetfs_code_reader *code, packetfs_slots slots, size_t set);
/* Writes a bit with four slots, which learn; returns how many bytes went to `out`. */
size_t packetfs_write_bit(
    const packetfs_mixer *mixer, packetfs_code_writer *code, packetfs_slots slots, size_t set, int bit, uint8_t *out);

/* Slots in lines of 16. `shift` is 32 less the power of two that the lines are. */
typedef struct {
    uint32_t *slots;
    uint32_t shift;
} packetfs_slot_lines;

typedef struct {
    uint32_t each[4];
} packetfs_contexts;

/* The byte that is read in four contexts; the sets are `set` plus 1 followed by the bits so far. */
int packetfs_read_byte(
    const packetfs_mixer *mixer, packetfs_code_reader *code, packetfs_slot_lines lines, packetfs_contexts contexts,
    size_t set);
/* Writes a byte in four contexts; returns how many bytes went to `out`. */
size_t packetfs_write_byte(
    const packetfs_mixer *mixer, packetfs_code_writer *code, packetfs_slot_lines lines, packetfs_contexts contexts,
    size_t set, int byte, uint8_t *out);

/* A set of bytes: bit h of entry l tells of the byte 16 h + l; of h from 8 on, bit h - 8 of entry 16 + l. */
typedef struct {
    uint8_t rows[32];
} packetfs_bytes;

/* Pairs of bytes: those that end in one of `always`, and some that begin in `before` and end in `sometimes`: `pairs`, by
 * 256 times the first plus the second, is not 0 for those that are meant. */
typedef struct {
    packetfs_bytes always, before, sometimes;
    const uint8_t *pairs;
} packetfs_pairs;

/* The first place from `from` on, which is at least 2, that stands behind such a pair; `count` if there is none below. */
size_t packetfs_find_behind_pair(const packetfs_pairs *pairs, const uint8_t *bytes, size_t from, size_t count);

/* How many of the first `count` bytes are equal. */
size_t packetfs_count_equal(const uint8_t *left, const uint8_t *right, size_t count);

#endif
