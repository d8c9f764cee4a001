/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far an attempt got, by what a repetition of it could cost. Decided by policy/retry.c, carried in the record.
 */
#ifndef COMETCANARY_MODEL_EFFECT_H
#define COMETCANARY_MODEL_EFFECT_H

/* What an attempt can have done at the server. */
enum effect {
	EFFECT_NONE, /* nothing left, or it was refused */
	EFFECT_FREE, /* it was read only: a GET */
	EFFECT_POSSIBLE, /* it left, and may have been answered and billed */
};

#endif
