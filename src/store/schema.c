/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store/schema.h"

/* Times are µs since 1970 UTC (_us), or s where they are a window's start. */

static const char first[] = "CREATE TABLE history ("
			    " id INTEGER PRIMARY KEY,"
			    " finished_us INTEGER NOT NULL,"
			    " run_id TEXT NOT NULL,"
			    " endpoint TEXT NOT NULL,"
			    " probe TEXT NOT NULL,"
			    " outcome TEXT NOT NULL,"
			    " class TEXT NOT NULL,"
			    " http_status INTEGER," /* what a run does not have is NULL */
			    " latency_us INTEGER,"
			    " ttft_us INTEGER,"
			    " input_tokens INTEGER,"
			    " output_tokens INTEGER,"
			    " usage TEXT,"
			    " findings INTEGER NOT NULL"
			    ") STRICT;"
			    "CREATE INDEX history_by_time ON history (finished_us);"
			    "CREATE TABLE item ("
			    " kind TEXT NOT NULL,"
			    " key TEXT NOT NULL,"
			    " revision INTEGER NOT NULL,"
			    " at_us INTEGER NOT NULL,"
			    " value BLOB NOT NULL,"
			    " PRIMARY KEY (kind, key, revision)"
			    ") STRICT;"
			    "CREATE TABLE budget ("
			    " name TEXT NOT NULL,"
			    " window_start_s INTEGER NOT NULL,"
			    " requests INTEGER NOT NULL,"
			    " tokens INTEGER NOT NULL,"
			    " usd_micro INTEGER NOT NULL,"
			    " PRIMARY KEY (name, window_start_s)"
			    ") STRICT, WITHOUT ROWID;";

/* Of each probe, without reading its history. */
static const char last_runs[] = "CREATE TABLE last_run ("
				" endpoint TEXT NOT NULL,"
				" probe TEXT NOT NULL,"
				" run_us INTEGER NOT NULL,"
				" success_us INTEGER NOT NULL," /* 0 = never */
				" PRIMARY KEY (endpoint, probe)"
				") STRICT, WITHOUT ROWID;"
				"INSERT INTO last_run (endpoint, probe, run_us, success_us)"
				" SELECT endpoint, probe, max(finished_us), max(iif(outcome = 'ok', finished_us, 0))"
				" FROM history GROUP BY endpoint, probe;";

const char *const schema_steps[SCHEMA_VERSION] = { first, last_runs };
