/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulator's "language model": text from a word list, and a tokenizer that is simple but counts like a real one
 * would (short words are one token, long ones several). Pure.
 */
#ifndef COMETCANARY_SIM_WORDS_H
#define COMETCANARY_SIM_WORDS_H

#include "base/buf.h"

/* Takes the next token, with the space before it, off *rest; empty when nothing is left. */
struct str words_next_token(struct str *rest);
size_t words_count(struct str text);
/* The first `tokens` tokens of text. */
struct str words_cut(struct str text, size_t tokens);
/* A few sentences that depend on `hash` alone. */
void words_write(struct buf *out, uint64_t hash);
/* The word asked for in "… the word ok …"; absent when the prompt asks for something else. */
struct str words_asked_for(struct str prompt);

#endif
