// SPDX-License-Identifier: Apache-2.0
// What a site may want to change before it generates the dashboards anew; see local.mk.
{
  // Where your copy of runbook.md is served. Adds a link to every dashboard; empty = none.
  runbook_url: '',
  refresh: '1m',
  timezone: 'browser',
  // Negative probes and document checks run less often than the variable "Probe interval" says.
  negative_interval: '15m',
  doc_interval: '1h',
}
