-- SPDX-License-Identifier: Apache-2.0
-- A file of version 1, as that version left it.
PRAGMA journal_mode = WAL;
PRAGMA application_id = 1668113249;
PRAGMA user_version = 1;
CREATE TABLE history ( id INTEGER PRIMARY KEY, finished_us INTEGER NOT NULL, run_id TEXT NOT NULL, endpoint TEXT NOT NULL,
  probe TEXT NOT NULL, outcome TEXT NOT NULL, class TEXT NOT NULL, http_status INTEGER, latency_us INTEGER,
  ttft_us INTEGER, input_tokens INTEGER, output_tokens INTEGER, usage TEXT, findings INTEGER NOT NULL) STRICT;
CREATE INDEX history_by_time ON history (finished_us);
CREATE TABLE item ( kind TEXT NOT NULL, key TEXT NOT NULL, revision INTEGER NOT NULL, at_us INTEGER NOT NULL,
  value BLOB NOT NULL, PRIMARY KEY (kind, key, revision)) STRICT;
CREATE TABLE budget ( name TEXT NOT NULL, window_start_s INTEGER NOT NULL, requests INTEGER NOT NULL,
  tokens INTEGER NOT NULL, usd_micro INTEGER NOT NULL, PRIMARY KEY (name, window_start_s)) STRICT, WITHOUT ROWID;
INSERT INTO history VALUES
  (1, 1795341601000000, '01JDXR00000000000000000001', 'chat', 'sync', 'ok', 'ok', 200, 750000, NULL, 11, 7, 'present', 0),
  (2, 1795341603000000, '01JDXR00000000000000000002', 'chat', 'sync', 'not_json', 'protocol', 200, 9000, NULL, NULL, NULL, NULL, 1),
  (3, 1795341605000000, '01JDXR00000000000000000003', 'chat', 'stream', 'connect', 'network', NULL, 800, NULL, NULL, NULL, NULL, 0);
INSERT INTO item VALUES ('baseline', 'chat/sync', 1, 1795341600000000, CAST('baseline text' AS BLOB));
INSERT INTO budget VALUES ('daily', 1795305600, 3, 300, 900);
