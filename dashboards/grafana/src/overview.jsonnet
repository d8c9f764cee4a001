// SPDX-License-Identifier: Apache-2.0
// All endpoints at a glance: what is wrong now, the rates, and where to look next.
local lib = import 'lib.libsonnet';
local queries = import 'queries.libsonnet';
local q = queries.new();

local ranked(expr, rank) = q.worst(expr('endpoint'), rank('endpoint', queries.whole_fixed));

local now = lib.row('Now', [
  lib.stat(
    'Canaries up',
    'Canaries that answer Prometheus, of all in the scrape configuration. While one is down, nothing below is news of it.',
    'avg(%s)' % q.of_jobs('up'),
    unit='percentunit',
    thresholds=lib.good_from(1),
    no_value='no target',
    w=3
  ),
  lib.stat(
    'Canary online',
    'Whether the canary reaches its own anchors (self_check). While it does not, it sends nothing, and failures are ours.',
    'min(%s)' % q.all('cometcanary_self_online'),
    unit='bool_yes_no',
    thresholds=lib.good_from(1),
    no_value='no self_check',
    w=3
  ),
  lib.stat(
    'Endpoints enabled',
    'Endpoints of the configuration that are enabled.',
    'count(count by (endpoint) (%s))' % q.of('cometcanary_endpoint_info'),
    no_value='none',
    w=3
  ),
  lib.stat(
    'Endpoints failing',
    'Endpoints with a positive probe (sync, stream) whose last run was not ok.',
    q.how_many('1 - ' + q.success('endpoint')),
    thresholds=lib.bad_from(1),
    no_value='no run yet',
    w=3
  ),
  lib.stat(
    'Endpoints stale',
    'Endpoints with a positive probe whose last run is older than three intervals: nothing is known of them now.',
    q.how_many('max by (endpoint) (%s)' % q.stale),
    thresholds=lib.bad_from(1),
    no_value='no run yet',
    w=3
  ),
  lib.stat(
    'Negative probes failing',
    'Negative probes that did not get the refusal that is due, at their last run. A missing or invalid key that is accepted counts here, and pages.',
    q.how_many('1 - ' + q.success('endpoint, probe', 'probe!~"sync|stream"')),
    thresholds=lib.bad_from(1),
    no_value='none run',
    w=3
  ),
  lib.stat(
    'Breaking drift',
    'Endpoints with an active, unacknowledged finding that can break a client which follows the contract.',
    q.how_many('max by (endpoint) (%s) > bool 0' % q.of('cometcanary_contract_drift', 'severity="breaking"')),
    thresholds=lib.bad_from(1),
    w=3
  ),
  lib.stat(
    'Evidence lost',
    'Watched documents that no longer have a phrase which the evidence ledger relies on.',
    q.how_many('max by (doc) (%s) > bool 0' % q.all('cometcanary_doc_evidence_missing')),
    thresholds=lib.bad_from(1),
    no_value='no document',
    w=3
  ),
]);

local rates = lib.row('Rates of all endpoints, in the time range', [
  lib.stat(
    'Error rate',
    'Runs of positive probes that were not ok, of all.',
    q.errors('', queries.whole),
    unit='percentunit',
    thresholds=lib.error_rate,
    no_value='no run'
  ),
  lib.stat(
    'Timeout rate',
    'Runs of positive probes that ended in one of the deadlines, of all.',
    q.timeouts('', queries.whole),
    unit='percentunit',
    thresholds=lib.error_rate,
    no_value='no run'
  ),
  lib.stat(
    'Fallback rate',
    'Decisions to fall back, of all runs of positive probes. Endpoints without a policy never fall back.',
    q.fallbacks('', queries.whole),
    unit='percentunit',
    thresholds=lib.error_rate,
    no_value='no policy'
  ),
  lib.stat(
    'Missing-usage rate',
    'Successful runs without usage, of those whose contract documents it.',
    q.usage_missing('', queries.whole),
    unit='percentunit',
    thresholds=lib.error_rate,
    no_value='not documented'
  ),
  lib.stat(
    'Latency, 95 %',
    'The time that 95 % of all runs of positive probes stayed below, failed ones included.',
    q.latency(0.95, '', queries.whole),
    unit='s',
    no_value='no run'
  ),
  lib.stat(
    'First token, 95 %',
    'The time to the first visible content that 95 % of all streams stayed below.',
    q.first_token(0.95, '', queries.whole),
    unit='s',
    no_value='no stream'
  ),
]);

local endpoints = lib.row('Endpoints', [
  lib.table(
    'Endpoints',
    |||
      A row an endpoint; the rates are over the time range. Stale: the last run is older than three intervals.
      Click the name for the endpoint's own dashboard.
    |||,
    [['endpoint', 'Endpoint'], ['provider', 'Provider'], ['model', 'Model']],
    [
      lib.column('max by (endpoint, provider, model) (%s)' % q.of('cometcanary_endpoint_info'), 'Info', hidden=true),
      lib.column(q.state, 'State', mappings=lib.map(queries.states)),
      lib.column(q.age('endpoint', 'cometcanary_probe_last_run_timestamp_seconds', queries.positive), 'Last run ago', 's'),
      lib.column(q.errors('endpoint', queries.whole), 'Errors', 'percentunit', lib.error_rate),
      lib.column(q.timeouts('endpoint', queries.whole), 'Timeouts', 'percentunit', lib.error_rate),
      lib.column(q.fallbacks('endpoint', queries.whole), 'Fallbacks', 'percentunit', lib.error_rate),
      lib.column(q.usage_missing('endpoint', queries.whole), 'Usage missing', 'percentunit', lib.error_rate),
      lib.column(q.latency(0.95, 'endpoint', queries.whole), 'Latency, 95 %', 's'),
      lib.column(q.first_token(0.95, 'endpoint', queries.whole), 'First token, 95 %', 's'),
      lib.column(
        'max by (endpoint) (%s)' % q.of('cometcanary_contract_drift', 'severity="breaking"'),
        'Breaking',
        'none',
        lib.bad_from(1)
      ),
      lib.column(
        'max by (endpoint) (%s)' % q.of('cometcanary_contract_drift', 'severity="warning"'),
        'Warnings',
        'none',
        lib.steps('green', [[1, 'orange']])
      ),
    ],
    h=12,
    links={ endpoint: lib.from_cell },
    sort=['State', false],
    no_value='-'
  ),
]);

local duration(by, window=queries.recent) = q.mean(by, 'cometcanary_probe_duration_seconds', window);
local first_token(by, window=queries.recent) = q.mean(by, 'cometcanary_time_to_first_token_seconds', window);
local worst = 'The ten endpoints that are worst over the time range. ';
local history = lib.row('Rates over time: the ten endpoints that are worst in the time range', [
  lib.graph(
    'Error rate by endpoint',
    worst + 'Runs of positive probes that were not ok, of all.',
    lib.query(ranked(q.errors, q.errors), '{{endpoint}}'),
    'percentunit',
    lib.error_rate,
    'no run',
    max=1,
    links=lib.from_series
  ),
  lib.graph(
    'Timeout rate by endpoint',
    worst + 'Runs of positive probes that ended in one of the deadlines, of all.',
    lib.query(ranked(q.timeouts, q.timeouts), '{{endpoint}}'),
    'percentunit',
    lib.error_rate,
    'no run',
    max=1,
    links=lib.from_series
  ),
  lib.graph(
    'Fallback rate by endpoint',
    worst + 'Decisions to fall back, of all runs of positive probes.',
    lib.query(ranked(q.fallbacks, q.fallbacks), '{{endpoint}}'),
    'percentunit',
    lib.error_rate,
    'no policy',
    links=lib.from_series
  ),
  lib.graph(
    'Missing-usage rate by endpoint',
    worst + 'Successful runs without usage, of those whose contract documents it.',
    lib.query(ranked(q.usage_missing, q.usage_missing), '{{endpoint}}'),
    'percentunit',
    lib.error_rate,
    'not documented',
    max=1,
    links=lib.from_series
  ),
  lib.graph(
    'Latency by endpoint',
    worst + 'Mean duration of the runs of positive probes, failed ones included. The table above has 95 %.',
    lib.query(ranked(duration, duration), '{{endpoint}}'),
    's',
    no_value='no run',
    links=lib.from_series
  ),
  lib.graph(
    'First token by endpoint',
    worst + 'Mean time to the first visible content of a stream. The table above has 95 %.',
    lib.query(ranked(first_token, first_token), '{{endpoint}}'),
    's',
    no_value='no stream',
    links=lib.from_series
  ),
]);

local spent = q.all('cometcanary_budget_spent');
local limit = q.all('cometcanary_budget_limit');
local state = lib.row('Alerts, budgets, providers', [
  lib.table(
    'Firing alerts',
    'What fires now, where the shipped rules are loaded. dashboards/runbook.md has a section for each alert: what it means, what to look at, what to do.',
    [
      ['severity', 'Severity'],
      ['alertname', 'Alert'],
      ['endpoint', 'Endpoint'],
      ['probe', 'Probe'],
      ['doc', 'Document'],
      ['provider', 'Provider'],
      ['budget', 'Budget'],
      ['instance', 'Instance'],
    ],
    [lib.column(
      'max by (severity, alertname, endpoint, probe, doc, provider, budget, instance) (ALERTS{alertname=~"CometCanary.+", alertstate="firing"})',
      'Firing',
      'none',
      hidden=true
    )],
    h=9,
    links={ endpoint: lib.from_cell },
    sort=['Severity', false],
    no_value='Nothing fires, or the rules are not loaded'
  ),
  lib.table(
    'Budgets',
    'What is left of each budget in its current window; reservations of runs under way count as spent. A budget that is shared by a fleet shows the same for each instance.',
    [['budget', 'Budget'], ['unit', 'Unit'], ['instance', 'Instance']],
    [
      lib.column('max by (budget, unit, instance) (1 - %s / (%s > 0))' % [spent, limit],
                 'Left',
                 'percentunit',
                 lib.warn_below(0.1, 0.25)),
      lib.column('max by (budget, unit, instance) (%s)' % spent, 'Spent', 'none'),
      lib.column('max by (budget, unit, instance) (%s)' % limit, 'Limit', 'none'),
      lib.column(
        'max by (budget, unit, instance) (%s * on (job, instance, budget) group_left () (%s - time()))' % [
          '(%s > bool 0)' % limit,
          q.all('cometcanary_budget_reset_timestamp_seconds'),
        ],
        'Starts anew in',
        's'
      ),
      lib.column(
        'max by (budget, unit, instance) (%s * on (job, instance, budget) group_left () increase(%s[$__range]))' % [
          '(%s > bool 0)' % limit,
          q.all('cometcanary_budget_denied_total'),
        ],
        'Refused',
        'short',
        lib.bad_from(1)
      ),
    ],
    w=14,
    h=7,
    no_value='no budget',
    sort=['Left', false]
  ),
  lib.table(
    'Providers',
    'Until the certificate of each provider expires, and the pause that it last asked for.',
    [['provider', 'Provider']],
    [
      lib.column(
        'min by (provider) (%s) - time()' % q.all('cometcanary_tls_certificate_not_after_timestamp_seconds'),
        'Certificate expires in',
        's',
        lib.warn_below(7 * 86400, 21 * 86400)
      ),
      lib.column('max by (provider) (%s)' % q.all('cometcanary_retry_after_seconds'), 'Retry-After', 's'),
    ],
    w=10,
    h=7,
    no_value='-',
    sort=['Certificate expires in', false]
  ),
  lib.graph(
    'Runs not sent, by reason',
    'Runs that were due and not sent, of all endpoints and probes. What is not sent is in no rate above.',
    lib.query(q.rate('reason', q.of('cometcanary_probes_skipped_total')), '{{reason}}'),
    'ops',
    stack=true
  ),
  lib.graph(
    'Failures, by class',
    'Runs of positive probes that were not ok, by what kind of failure it was, of all runs.',
    lib.query(q.parts('class', q.of('cometcanary_probe_failures_total', queries.positive), q.runs), '{{class}}'),
    'percentunit',
    stack=true,
    no_value='no run'
  ),
]);

lib.dashboard(
  'cometcanary-overview',
  'Comet Canary / Overview',
  'All endpoints: state, error, timeout, fallback and missing-usage rates, latency, budgets, firing alerts.',
  [lib.variables.datasource, lib.variables.job, lib.variables.instance, lib.variables.min_step],
  [now, rates, endpoints, history, state],
  annotations=[
    lib.annotation('Documentation changed',
                   'purple',
                   q.moments('doc', q.all('cometcanary_doc_last_change_timestamp_seconds')),
                   '{{doc}}',
                   'doc'),
    lib.annotation('Configuration loaded', 'blue', q.moments(
      'instance', q.all('cometcanary_config_last_reload_success_timestamp_seconds')
    ), '{{instance}}', 'instance'),
    lib.annotation('Contract findings changed', 'red', 'topk(20, %s)' % q.moments(
      'endpoint', q.of('cometcanary_contract_last_change_timestamp_seconds')
    ), '{{endpoint}}', 'endpoint'),
  ]
)
