/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of the file, as steps from one version to the next. A file's version is the number of steps that it has
 * seen (PRAGMA user_version); steps are added, never changed.
 */
#ifndef COMETCANARY_STORE_SCHEMA_H
#define COMETCANARY_STORE_SCHEMA_H

enum {
	SCHEMA_VERSION = 2,
	SCHEMA_APPLICATION_ID = 0x636d6361, /* "cmca": whose file it is */
};

/* schema_steps[n] makes version n + 1 of version n. */
extern const char *const schema_steps[SCHEMA_VERSION];

#endif
