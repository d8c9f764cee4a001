// SPDX-License-Identifier: Apache-2.0
// One endpoint in depth: what its probes met, how long each phase took, what they cost, what differs from its contract.
local config = import 'config.libsonnet';
local lib = import 'lib.libsonnet';
local queries = import 'queries.libsonnet';
local q = queries.new('endpoint=~"$endpoint"');

local now = lib.row('Now', [
  lib.stat(
    'State',
    'The worst of the positive probes (sync, stream) at its last run; stale when that is older than three intervals.',
    q.state,
    mappings=lib.map(queries.states),
    no_value='no such endpoint'
  ),
  lib.stat(
    'Error rate',
    'Runs of positive probes that were not ok, of all, in the time range.',
    q.errors('endpoint', queries.whole),
    'percentunit',
    lib.error_rate,
    'no run'
  ),
  lib.stat(
    'Timeout rate',
    'Runs of positive probes that ended in one of the deadlines, of all, in the time range.',
    q.timeouts('endpoint', queries.whole),
    'percentunit',
    lib.error_rate,
    'no run'
  ),
  lib.stat(
    'Fallback rate',
    'Decisions to fall back, of all runs of positive probes, in the time range.',
    q.fallbacks('endpoint', queries.whole),
    'percentunit',
    lib.error_rate,
    'no policy'
  ),
  lib.stat(
    'Missing-usage rate',
    'Successful runs without usage, of those whose contract documents it, in the time range.',
    q.usage_missing('endpoint', queries.whole),
    'percentunit',
    lib.error_rate,
    'not documented'
  ),
  lib.stat(
    'Model listed',
    "Whether the endpoint's model is in its provider's list (models_path).",
    'min by (endpoint) (%s)' % q.of('cometcanary_model_listed'),
    'bool_yes_no',
    lib.good_from(1),
    'not looked up'
  ),
  lib.table(
    'What it is',
    'What the endpoint is configured to be. Two rows: two instances are configured differently.',
    [
      ['endpoint', 'Endpoint'],
      ['provider', 'Provider'],
      ['dialect', 'Dialect'],
      ['model', 'Model'],
      ['path', 'Path'],
      ['contract', 'Contract'],
      ['tenant', 'Tenant'],
    ],
    [lib.column(
      'max by (endpoint, provider, dialect, model, path, contract, tenant) (%s)' % q.of('cometcanary_endpoint_info'),
      'Info',
      hidden=true
    )],
    h=4,
    no_value='no such endpoint'
  ),
]);

local by_probe(metric) = 'max by (probe) (%s)' % q.of(metric);
local probes = lib.row('Probes', [
  lib.table(
    'Probes',
    'Every probe of this endpoint, the negative ones too: how its last run ended, and when that was.',
    [['probe', 'Probe']],
    [
      lib.column(q.success('probe', ''), 'Last run', mappings=lib.yes_no('ok', 'failed')),
      lib.column('max by (probe) (%s)' % q.of('cometcanary_probe_consecutive_failures'),
                 'Failed in a row',
                 'none',
                 lib.warn_from(1, 3)),
      lib.column(q.age('probe', 'cometcanary_probe_last_run_timestamp_seconds'), 'Last run ago', 's'),
      lib.column(q.age('probe', 'cometcanary_probe_last_success_timestamp_seconds'), 'Last ok ago', 's'),
      lib.column(by_probe('cometcanary_probe_interval_seconds'), 'Interval', 's'),
      lib.column(by_probe('cometcanary_probe_timeout_seconds'), 'Deadline', 's'),
      lib.column(q.increase('probe', q.of('cometcanary_probes_total')), 'Runs in range'),
      lib.column(q.increase('probe', q.of('cometcanary_probe_failures_total')), 'Failed in range', 'short', lib.bad_from(1)),
      lib.column(q.increase('probe', q.of('cometcanary_probes_skipped_total')),
                 'Not sent in range',
                 'short',
                 lib.steps('green', [[1, 'orange']])),
    ],
    h=9,
    no_value='never',
    sort=['Probe', false]
  ),
  lib.timeline(
    'Last run of each probe',
    'How the last run of each probe had ended, at each moment. A probe that stopped running keeps its colour: see "Last run ago".',
    lib.query(q.success('probe', ''), '{{probe}}'),
    lib.yes_no('ok', 'failed'),
    lib.good_from(1),
    'no run yet',
    h=9
  ),
]);

local failures = lib.row('Outcomes', [
  lib.graph(
    'Failures, by class',
    'Runs of positive probes that were not ok, by class, of all runs. A class is the place where the run broke: network, timeout, auth, and so on.',
    lib.query(q.parts('class', q.of('cometcanary_probe_failures_total', queries.positive), q.runs), '{{class}}') + { exemplar: true },
    'percentunit',
    lib.plain,
    'no run',
    stack=true
  ),
  lib.table(
    'Outcomes',
    'How often each outcome was seen in the time range; where a series is younger than that, since the daemon started. cometcanary-metrics(7) explains each.',
    [['probe', 'Probe'], ['outcome', 'Outcome']],
    [lib.column(q.count('probe, outcome', q.of('cometcanary_probe_outcomes_total')), 'Runs')],
    w=12,
    no_value='no run',
    sort=['Runs', true]
  ),
  lib.graph(
    'Failures of negative probes, by probe',
    'Runs of negative probes that did not get the refusal that is due, of all their runs. They run every 15 minutes by default, so a point covers an hour.',
    lib.query(
      q.share('probe',
              q.of('cometcanary_probe_failures_total', 'probe!~"sync|stream"'),
              q.of('cometcanary_probes_total', 'probe!~"sync|stream"')), '{{probe}}', config.negative_interval
    ),
    'percentunit',
    lib.bad_from(0.01),
    'no negative probe',
    max=1
  ),
  lib.table(
    'Retries',
    'Attempts after the first within one run, by the outcome that caused them, in the time range; where a series is younger than that, since the daemon started. The run counts as its last attempt.',
    [['probe', 'Probe'], ['outcome', 'After']],
    [lib.column(q.count('probe, outcome', q.of('cometcanary_retries_total')), 'Retries')],
    w=6,
    no_value='none',
    sort=['Retries', true]
  ),
  lib.graph(
    'Runs not sent, by reason',
    'Runs that were due and not sent. What is not sent is in no rate.',
    lib.query(q.rate('reason', q.of('cometcanary_probes_skipped_total')), '{{reason}}'),
    'ops',
    stack=true,
    w=6
  ),
]);

local latency = lib.row('Latency', [
  lib.graph(
    'Duration',
    'Duration of the runs of positive probes, failed ones included: mean and quantiles. Between two bounds of the histogram a quantile is interpolated. Event loop lag on the dashboard of the canary says when not to trust it.',
    [
      lib.query(q.mean('probe', 'cometcanary_probe_duration_seconds'), '{{probe}}, mean'),
      lib.query(q.latency(0.5, 'probe'), '{{probe}}, 50 %') + { exemplar: true },
      lib.query(q.latency(0.95, 'probe'), '{{probe}}, 95 %'),
    ],
    's',
    no_value='no run'
  ),
  lib.graph(
    'Time to first token',
    'From the start of a stream to its first visible content; head, role frames and comments do not count.',
    [
      lib.query(q.mean('endpoint', 'cometcanary_time_to_first_token_seconds'), 'mean'),
      lib.query(q.first_token(0.5, 'endpoint'), '50 %') + { exemplar: true },
      lib.query(q.first_token(0.95, 'endpoint'), '95 %'),
      lib.query('max by (endpoint) (%s)' % q.of('cometcanary_stream_max_gap_seconds'), 'longest silence of the last stream'),
    ],
    's',
    no_value='no stream'
  ),
  lib.graph(
    'Phases, mean',
    'Mean time that each phase of a request took, over the runs of positive probes in which it took place. With reused connections dns, connect and tls are rare.',
    lib.query(q.share('phase',
                      q.of('cometcanary_probe_phase_seconds_total', queries.positive),
                      q.of('cometcanary_probe_phases_total', queries.positive)), '{{phase}}'),
    's',
    no_value='no run',
    stack=true
  ),
  lib.heatmap(
    'Distribution of durations',
    'How many runs of positive probes took how long.',
    'sum by (le) (increase(%s[$__rate_interval]))' % q.of('cometcanary_probe_duration_seconds_bucket'),
    no_value='no run'
  ),
]);

local usage = lib.row('Usage', [
  lib.graph(
    'Usage missing and invalid',
    'Of the successful runs whose contract documents usage: missing. Of all runs: usage that is there and wrong, by reason; and not reported where it is not documented, which breaks no promise.',
    [
      lib.query(q.usage_missing('probe'), '{{probe}}, missing'),
      lib.query(q.parts('probe, reason', q.of('cometcanary_usage_invalid_total'), q.runs, 'probe'),
                '{{probe}}, invalid: {{reason}}'),
      lib.query(q.share('probe', q.of('cometcanary_usage_unreported_total'), q.runs), '{{probe}}, not reported'),
    ],
    'percentunit',
    lib.error_rate,
    'no run',
    max=1,
    h=9
  ),
  lib.graph(
    'Tokens a run',
    'Tokens that the provider reported, a run. The prompt never changes: a step here is a change on their side.',
    lib.query(q.parts('probe, type', q.of('cometcanary_tokens_total'), q.runs, 'probe'), '{{probe}}, {{type}}'),
    'short',
    no_value='no usage',
    w=6,
    h=9
  ),
  lib.graph(
    'Prompt tokens against own estimate',
    'Reported prompt tokens minus the own estimate, divided by the estimate, at the last run with usage. The estimate is rough; a step is the news.',
    lib.query('max by (probe) (%s)' % q.of('cometcanary_tokens_estimate_error_ratio'), '{{probe}}'),
    'percentunit',
    no_value='no usage',
    w=6,
    h=9,
    min=null
  ),
]);

local policy = 'on (policy) sum by (policy) (increase(%s[$__range]))' % q.of('cometcanary_fallback_evaluations_total');
local fallback = lib.row('Fallback and budgets', [
  lib.graph(
    'Fallback decisions',
    'What the policy said of failed runs: fall back, by reason, or not, by cause; a share of all runs of positive probes.',
    [
      lib.query(q.parts('reason', q.of('cometcanary_fallbacks_total'), q.runs), 'fall back: {{reason}}'),
      lib.query(q.parts('cause', q.of('cometcanary_fallbacks_denied_total'), q.runs), 'denied: {{cause}}'),
    ],
    'percentunit',
    no_value='no policy',
    stack=true
  ),
  lib.table(
    'Fallback policy',
    'The kill switch of each policy of this endpoint, and the failed runs that were put before it in the time range.',
    [['policy', 'Policy']],
    [
      lib.column('min by (policy) (%s) and %s' % [q.all('cometcanary_fallback_enabled'), policy],
                 'Enabled',
                 mappings=lib.yes_no('yes', 'no')),
      lib.column(q.increase('policy', q.of('cometcanary_fallback_evaluations_total')), 'Evaluated'),
      lib.column(q.increase('policy', q.of('cometcanary_fallbacks_total')), 'Fell back'),
      lib.column(q.increase('policy', q.of('cometcanary_fallbacks_denied_total')), 'Denied'),
    ],
    w=6,
    no_value='no policy'
  ),
  lib.table(
    'Fallback targets',
    'In mode "exercise": requests really sent to each target in the time range, by what it answered.',
    [['policy', 'Policy'], ['target', 'Target'], ['result', 'Result']],
    [lib.column(q.increase('policy, target, result', q.of('cometcanary_fallback_attempts_total')), 'Requests')],
    w=6,
    no_value='none sent'
  ),
  lib.graph(
    'Budget spent',
    'What is spent of each budget in its current window, reservations included. All budgets of the canary: which one an endpoint draws on is in its configuration.',
    lib.query('max by (instance, budget, unit) (%s / (%s > 0))' %
              [q.all('cometcanary_budget_spent'), q.all('cometcanary_budget_limit')], '{{budget}}, {{unit}}, {{instance}}'),
    'percentunit',
    lib.warn_from(0.75, 0.9),
    'no budget',
    steps=true
  ),
  lib.graph(
    'Rate limit remaining',
    "What the provider's rate limit headers last said was left.",
    lib.query('min by (unit) (%s)' % q.of('cometcanary_rate_limit_remaining'), '{{unit}}'),
    'short',
    no_value='no such header',
    steps=true
  ),
]);

local contract = lib.row('Contract', [
  lib.table(
    'Active findings',
    'What differs from the contract now, acknowledged findings included. cometcanary drift shows the paths, and what was seen.',
    [['severity', 'Severity'], ['area', 'Area'], ['rule', 'Finding']],
    [lib.column('max by (severity, area, rule) (%s)' % q.of('cometcanary_contract_finding'), 'Active', 'none', hidden=true)],
    w=12,
    no_value='none',
    sort=['Severity', false]
  ),
  lib.graph(
    'Drift',
    'Active findings that nobody has acknowledged, by severity. Purple lines: a watched document changed.',
    lib.query('max by (severity) (%s)' % q.of('cometcanary_contract_drift'), '{{severity}}'),
    'none',
    lib.bad_from(1),
    'no such endpoint',
    steps=true
  ),
]);

lib.dashboard(
  'cometcanary-endpoint',
  'Comet Canary / Endpoint',
  'One endpoint in depth: phases, first token, outcomes, usage, retries, fallback, budgets, findings.',
  [
    lib.variables.datasource,
    lib.variables.job,
    lib.variables.instance,
    lib.variables.endpoint,
    lib.variables.min_step,
  ],
  [now, probes, failures, latency, usage, fallback, contract],
  annotations=[
    lib.annotation('Documentation changed',
                   'purple',
                   q.moments('doc', q.all('cometcanary_doc_last_change_timestamp_seconds')),
                   '{{doc}}',
                   'doc'),
    lib.annotation('Configuration loaded', 'blue', q.moments(
      'instance', q.all('cometcanary_config_last_reload_success_timestamp_seconds')
    ), '{{instance}}', 'instance'),
    lib.annotation('Contract findings changed', 'red', q.moments(
      'endpoint', q.of('cometcanary_contract_last_change_timestamp_seconds')
    ), '{{endpoint}}', 'endpoint'),
  ]
)
