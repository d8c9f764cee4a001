// SPDX-License-Identifier: Apache-2.0
// The canary itself: whether what it says can be believed.
local lib = import 'lib.libsonnet';
local queries = import 'queries.libsonnet';
local q = queries.new();

local by_instance(metric) = 'max by (instance) (%s)' % q.all(metric);
local of_instance(expr) = 'max by (instance) (%s)' % q.of_instances(expr);
local own_quantile(quantile, histogram) =
  lib.own(q.quantile(quantile, 'instance', q.all(histogram)), '{{instance}}, %g %%' % (quantile * 100));

local now = lib.row('Now', [
  lib.stat(
    'Up',
    'Whether Prometheus could read the metrics page of each instance.',
    'min by (instance) (%s)' % q.of_jobs('up'),
    'bool_yes_no',
    lib.good_from(1),
    'no target',
    legend='{{instance}}',
    text='value_and_name',
    w=6
  ),
  lib.stat(
    'Last reload',
    'Whether the last attempt to load the configuration succeeded. If not, the old one is in force, and the log says why.',
    'min by (instance) (%s)' % q.all('cometcanary_config_last_reload_successful'),
    'none',
    lib.good_from(1),
    mappings=lib.yes_no('loaded', 'failed'),
    legend='{{instance}}',
    text='value_and_name',
    w=6
  ),
  lib.stat(
    'Online',
    'Whether the own anchors of the canary answer. While they do not, probes are skipped with the reason self_offline.',
    'min by (instance) (%s)' % q.all('cometcanary_self_online'),
    'bool_yes_no',
    lib.good_from(1),
    'no self_check',
    legend='{{instance}}',
    text='value_and_name',
    w=6
  ),
  lib.stat(
    'Scheduler ran',
    'Seconds since the scheduler last ran. Everything else may look healthy while this grows.',
    'time() - min by (instance) (%s)' % q.all('cometcanary_scheduler_last_tick_timestamp_seconds'),
    's',
    lib.warn_from(30, 120),
    legend='{{instance}}',
    text='value_and_name',
    w=6
  ),
  lib.table(
    'Instances',
    'What runs where, since when, and with which libraries.',
    [
      ['instance', 'Instance'],
      ['version', 'Version'],
      ['revision', 'Revision'],
      ['libcurl', 'libcurl'],
      ['tls', 'TLS'],
      ['libmicrohttpd', 'libmicrohttpd'],
    ],
    [
      lib.column('max by (instance, version, revision, libcurl, tls, libmicrohttpd) (%s)' % q.all('cometcanary_build_info'),
                 'Info',
                 hidden=true),
      lib.column('time() - ' + of_instance(q.all('process_start_time_seconds')), 'Up for', 's'),
      lib.column('time() - ' + by_instance('cometcanary_config_last_reload_success_timestamp_seconds'), 'Configuration from', 's'),
    ],
    h=6,
    sort=['Instance', false],
    no_value='-'
  ),
]);

local work = lib.row('Work', [
  lib.graph(
    'Runs',
    'Finished probe runs a second, and runs under way.',
    [
      lib.query(q.rate('instance', q.all('cometcanary_probes_total')), '{{instance}}, a second'),
      lib.own(by_instance('cometcanary_probes_in_flight'), '{{instance}}, under way'),
    ],
    'short'
  ),
  lib.graph(
    'Runs not sent, by reason',
    'Runs that were due and not sent. missed and overlap: the canary is too slow, or its caps are too tight; self_offline: its network is down.',
    lib.query(q.rate('instance, reason', q.all('cometcanary_probes_skipped_total')), '{{instance}}, {{reason}}'),
    'ops',
    stack=true
  ),
  lib.graph(
    'Scheduler lag',
    'From the planned to the real start of a run. The highest bound is 10 s: a line there means 10 s or more.',
    [own_quantile(0.5, 'cometcanary_scheduler_lag_seconds_bucket'), own_quantile(0.99, 'cometcanary_scheduler_lag_seconds_bucket')],
    's',
    lib.warn_from(0.5, 2.5),
    'no run'
  ),
  lib.graph(
    'Event loop lag',
    'How late timers ran. Where this comes near the latencies that are measured, they cannot be trusted.',
    [own_quantile(0.5, 'cometcanary_event_loop_lag_seconds_bucket'), own_quantile(0.99, 'cometcanary_event_loop_lag_seconds_bucket')],
    's',
    lib.warn_from(0.025, 0.1)
  ),
]);

local records = lib.row('Store and log', [
  lib.graph(
    'Store writes',
    'Writes to the store, by result. dropped: history that did not fit into the queue; what is acknowledged is never dropped.',
    lib.own(q.rate('instance, result', q.all('cometcanary_store_writes_total')), '{{instance}}, {{result}}'),
    'ops',
    no_value='no store',
    w=8
  ),
  lib.graph(
    'Log lines',
    'Log lines a second, by level, dropped ones included.',
    lib.own(q.rate('instance, level', q.all('cometcanary_log_messages_total')), '{{instance}}, {{level}}'),
    'ops',
    stack=true,
    w=8
  ),
  lib.graph(
    'Log lines lost',
    'Log lines that were lost a second: a full buffer, a full disk, a closed pipe.',
    lib.own(q.rate('instance', q.all('cometcanary_log_dropped_total')), '{{instance}}'),
    'ops',
    lib.bad_from(0.001),
    w=8
  ),
]);

local process = lib.row('Process', [
  lib.graph(
    'CPU',
    'Seconds of CPU time a second: 1 is one core, and the loop has no more than that.',
    lib.own(of_instance('rate(%s[$__rate_interval])' % q.all('process_cpu_seconds_total')), '{{instance}}'),
    'percentunit',
    lib.warn_from(0.5, 0.9),
    w=8
  ),
  lib.graph(
    'Memory',
    'Memory in RAM, and address space. What is in RAM is bounded by the configuration; a steady rise is a defect.',
    [
      lib.own(of_instance(q.all('process_resident_memory_bytes')), '{{instance}}, resident'),
      lib.own(of_instance(q.all('process_virtual_memory_bytes')), '{{instance}}, virtual'),
    ],
    'bytes',
    w=8
  ),
  lib.graph(
    'Open files',
    'Open file descriptors, of the most that the process may have.',
    lib.own(of_instance('%s / (%s > 0)' % [q.all('process_open_fds'), q.all('process_max_fds')]), '{{instance}}'),
    'percentunit',
    lib.warn_from(0.5, 0.8),
    max=1,
    w=8
  ),
  lib.graph(
    'Scrape size',
    'Series on the metrics page. It grows with endpoints and probes, and with each new outcome.',
    lib.own(of_instance(q.all('scrape_samples_scraped')), '{{instance}}'),
    'short',
    no_value='no target',
    w=12
  ),
  lib.graph(
    'Scrape time',
    'How long Prometheus took to read the metrics page.',
    lib.own(of_instance(q.all('scrape_duration_seconds')), '{{instance}}'),
    's',
    lib.warn_from(1, 5),
    'no target',
    w=12
  ),
]);

local fleet = lib.row('Fleet, where there is one', [
  lib.graph(
    'Members',
    'Members of the fleet that are alive, as each one sees it. Lines apart: they do not see the same fleet.',
    lib.own(by_instance('cometcanary_fleet_members'), '{{instance}}'),
    'none',
    no_value='no fleet',
    steps=true
  ),
  lib.graph(
    'Endpoints owned',
    'Endpoints that each member probes.',
    lib.own(by_instance('cometcanary_fleet_endpoints_owned'), '{{instance}}'),
    'none',
    no_value='no fleet',
    steps=true,
    stack=true
  ),
]);

lib.dashboard(
  'cometcanary-canary',
  'Comet Canary / Canary',
  'The canary itself: scheduler, event loop, skipped runs, store, log, process, fleet.',
  [lib.variables.datasource, lib.variables.job, lib.variables.instance, lib.variables.min_step],
  [now, work, records, process, fleet],
  annotations=[
    lib.annotation('Configuration loaded', 'blue', q.moments(
      'instance', q.all('cometcanary_config_last_reload_success_timestamp_seconds')
    ), '{{instance}}', 'instance'),
    lib.annotation('Process started', 'orange', q.moments('instance', '(%s)' % q.of_instances(q.all('process_start_time_seconds'))), '{{instance}}', 'instance'),
  ]
)
