// SPDX-License-Identifier: Apache-2.0
// What we rely on, where that is written, whether it still holds, and what the documentation did meanwhile.
local config = import 'config.libsonnet';
local lib = import 'lib.libsonnet';
local queries = import 'queries.libsonnet';
local q = queries.new('endpoint=~"$endpoint"');
local docs = queries.new('doc=~"$doc"');

local drifting(severity) =
  q.how_many('max by (endpoint) (%s) > bool 0' % q.of('cometcanary_contract_drift', 'severity="%s"' % severity));

local now = lib.row('Now', [
  lib.stat(
    'Endpoints with breaking drift',
    'Endpoints with an active, unacknowledged finding that can break a client which follows the contract.',
    drifting('breaking'),
    thresholds=lib.bad_from(1)
  ),
  lib.stat(
    'Endpoints with warnings',
    'Endpoints with an active, unacknowledged finding that widens the contract, or that cannot be decided.',
    drifting('warning'),
    thresholds=lib.steps('green', [[1, 'orange']])
  ),
  lib.stat(
    'Areas without evidence',
    'Areas of the ledgers (auth, errors, limits, path, request, response) for which no evidence is given.',
    q.how_many(
      'max by (endpoint, area) (%s) or 0 * max by (endpoint, area) (%s)' %
      [q.of('cometcanary_contract_evidence', 'status="missing"'), q.of('cometcanary_contract_evidence')]
    ),
    thresholds=lib.steps('green', [[1, 'orange']]),
    no_value='no ledger'
  ),
  lib.stat(
    'Models unlisted',
    "Endpoints whose model is not in their provider's list (models_path).",
    q.how_many('1 - min by (endpoint) (%s)' % q.of('cometcanary_model_listed')),
    thresholds=lib.bad_from(1),
    no_value='not looked up'
  ),
  lib.stat(
    'Phrases missing from documents',
    'Phrases that the ledgers rely on and the watched documents no longer have.',
    q.how_many('max by (doc) (%s)' % docs.of('cometcanary_doc_evidence_missing')),
    thresholds=lib.bad_from(1),
    no_value='no document'
  ),
  lib.stat(
    'Revalidations pending',
    'Endpoints that are being probed again after a change, and are not done.',
    q.how_many('max by (endpoint) (%s)' % q.of('cometcanary_revalidation_pending')),
    thresholds=lib.steps('green', [[1, 'blue']]),
    no_value='none'
  ),
]);

local worst = 'topk(10, sum by (endpoint) (max_over_time(%s%s)))' %
              [q.of('cometcanary_contract_drift', 'severity=~"breaking|warning"'), queries.whole_fixed];
local drift = lib.row('Drift, and changes of the documentation (purple lines)', [
  lib.graph(
    'Drift of all endpoints',
    'Active findings that nobody has acknowledged, by severity.',
    lib.query('sum by (severity) (max by (endpoint, severity) (%s))' % q.of('cometcanary_contract_drift'), '{{severity}}'),
    'none',
    lib.bad_from(1),
    'no endpoint',
    steps=true
  ),
  lib.graph(
    'Drift by endpoint',
    'Active breaking findings and warnings that nobody has acknowledged: the ten endpoints with most in the time range.',
    lib.query(
      'max by (endpoint, severity) (%s)\nand on (endpoint)\n%s' %
      [q.of('cometcanary_contract_drift', 'severity=~"breaking|warning"'), worst], '{{endpoint}}, {{severity}}'
    ),
    'none',
    lib.bad_from(1),
    'no endpoint',
    steps=true,
    links=lib.from_series
  ),
  lib.table(
    'Active findings',
    'What differs from the contracts now, acknowledged findings included. cometcanary drift shows the paths, and what was seen.',
    [['severity', 'Severity'], ['endpoint', 'Endpoint'], ['area', 'Area'], ['rule', 'Finding']],
    [lib.column(
      'max by (severity, endpoint, area, rule) (%s)' % q.of('cometcanary_contract_finding'), 'Active', 'none', hidden=true
    )],
    w=12,
    h=9,
    links={ endpoint: lib.from_cell },
    sort=['Severity', false],
    no_value='none'
  ),
  lib.graph(
    'Findings a run',
    'Findings each time they are seen, of all runs, by severity: how much of the traffic a finding touches, where Drift says only that there is one.',
    lib.query(q.parts('severity', q.of('cometcanary_contract_violations_total'), q.of('cometcanary_probes_total')), '{{severity}}'),
    'short',
    no_value='no run',
    h=9
  ),
]);

local change = docs.increase('doc', docs.of('cometcanary_doc_changes_total'));
local documents = lib.row('Documents', [
  lib.table(
    'Documents',
    'Each watched document: when a check last came to a conclusion, and the changes that were confirmed in the time range. Inconclusive is a check that could not look: unreachable, a login, an empty page.',
    [['doc', 'Document']],
    [
      lib.column(docs.age('doc', 'cometcanary_doc_last_check_timestamp_seconds'), 'Last look ago', 's'),
      lib.column(docs.age('doc', 'cometcanary_doc_last_change_timestamp_seconds'), 'Last change ago', 's'),
      lib.column('max by (doc) (%s)' % docs.of('cometcanary_doc_evidence_missing'), 'Phrases missing', 'none', lib.bad_from(1)),
      lib.column(docs.increase('doc', docs.of('cometcanary_doc_checks_total')), 'Checks'),
      lib.column(docs.increase('doc', docs.of('cometcanary_doc_checks_total', 'result="inconclusive"')),
                 'Inconclusive',
                 'short',
                 lib.steps('green', [[1, 'orange']])),
      lib.column(docs.increase('doc', docs.of('cometcanary_doc_changes_total', 'kind="contract"')),
                 'Contract changes',
                 'short',
                 lib.bad_from(1)),
      lib.column(docs.increase('doc', docs.of('cometcanary_doc_changes_total', 'kind!="contract"')), 'Other changes'),
    ],
    h=9,
    sort=['Document', false],
    no_value='-'
  ),
  lib.graph(
    'Checks, by result',
    'Checks of documents a second, by what they came to. Documents are read once an hour by default, so a point covers four hours.',
    lib.query(docs.rate('result', docs.of('cometcanary_doc_checks_total')), '{{result}}', config.doc_interval),
    'ops',
    stack=true,
    no_value='no document'
  ),
  lib.table(
    'Changes, by kind',
    'Confirmed changes in the time range. contract: what a client sends or gets; prose: the text; index: pages added, removed or renamed; moved: another address.',
    [['doc', 'Document'], ['kind', 'Kind']],
    [lib.column(docs.increase('doc, kind', docs.of('cometcanary_doc_changes_total')) + ' > 0', 'Changes')],
    w=6,
    no_value='none',
    sort=['Changes', true]
  ),
  lib.table(
    'Revalidations',
    'Contracts that were probed again at once, in the time range: why, and with what result. Inconclusive: budget, deadlines or our own network stood in the way.',
    [['endpoint', 'Endpoint'], ['trigger', 'Trigger'], ['result', 'Result']],
    [lib.column(q.increase('endpoint, trigger, result', q.of('cometcanary_revalidations_total')) + ' > 0', 'Times')],
    w=6,
    links={ endpoint: lib.from_cell },
    no_value='none',
    sort=['Result', false]
  ),
]);

local ledger = lib.row('Ledger', [
  lib.table(
    'Evidence',
    'For each area of each contract: where our knowledge comes from, and how long ago that source was last read. documented: in the documentation; observed: measured; undocumented: known to be nowhere; missing: not in the ledger.',
    [['endpoint', 'Endpoint'], ['area', 'Area'], ['status', 'Status']],
    [
      lib.column('max by (endpoint, area, status) (%s)' % q.of('cometcanary_contract_evidence'), 'Evidence', 'none', hidden=true),
      lib.column(q.age('endpoint, area', 'cometcanary_contract_evidence_accessed_timestamp_seconds'),
                 'Read',
                 's',
                 lib.steps('green', [[60 * 86400, 'orange'], [90 * 86400, 'red']])),
    ],
    w=12,
    h=10,
    links={ endpoint: lib.from_cell },
    sort=['Endpoint', false],
    no_value='-'
  ),
  lib.table(
    'Contracts',
    'Each endpoint: whether its model is listed, when its set of active findings last changed, and whether a revalidation is under way.',
    [['endpoint', 'Endpoint'], ['contract', 'Contract'], ['model', 'Model']],
    [
      lib.column('max by (endpoint, contract, model) (%s)' % q.of('cometcanary_endpoint_info'), 'Info', hidden=true),
      lib.column('min by (endpoint) (%s)' % q.of('cometcanary_model_listed'), 'Listed', mappings=lib.yes_no('yes', 'no')),
      lib.column(q.age('endpoint', 'cometcanary_contract_last_change_timestamp_seconds'), 'Findings changed ago', 's'),
      lib.column('max by (endpoint) (%s)' % q.of('cometcanary_revalidation_pending'),
                 'Revalidation',
                 mappings=lib.map({ '0': ['done', 'text'], '1': ['pending', 'blue'] })),
    ],
    w=12,
    h=10,
    links={ endpoint: lib.from_cell },
    sort=['Endpoint', false],
    no_value='-'
  ),
  lib.table(
    'Baselines',
    'Good samples behind the shape that each probe learned; 0: still learning, or switched off.',
    [['endpoint', 'Endpoint'], ['probe', 'Probe']],
    [lib.column('min by (endpoint, probe) (%s)' % q.of('cometcanary_contract_baseline_samples'), 'Samples', 'none')],
    w=12,
    links={ endpoint: lib.from_cell },
    sort=['Samples', false],
    no_value='no baseline'
  ),
  lib.table(
    'Oldest evidence',
    'The ten endpoints whose evidence was read longest ago: the next ones to review.',
    [['endpoint', 'Endpoint']],
    [lib.column(
      'topk(10, time() - min by (endpoint) (%s))' % q.of('cometcanary_contract_evidence_accessed_timestamp_seconds'),
      'Read',
      's',
      lib.steps('green', [[60 * 86400, 'orange'], [90 * 86400, 'red']])
    )],
    w=12,
    links={ endpoint: lib.from_cell },
    sort=['Read', true],
    no_value='no dated evidence'
  ),
]);

lib.dashboard(
  'cometcanary-contract',
  'Comet Canary / Contract and documentation',
  'Ledger and evidence, active findings, drift over time, and what the watched documentation did meanwhile.',
  [
    lib.variables.datasource,
    lib.variables.job,
    lib.variables.instance,
    lib.variables.endpoints,
    lib.variables.docs,
    lib.variables.min_step,
  ],
  [now, drift, documents, ledger],
  annotations=[
    lib.annotation('Documentation changed',
                   'purple',
                   q.moments('doc', docs.of('cometcanary_doc_last_change_timestamp_seconds')),
                   '{{doc}}',
                   'doc'),
    lib.annotation('Configuration loaded', 'blue', q.moments(
      'instance', q.all('cometcanary_config_last_reload_success_timestamp_seconds')
    ), '{{instance}}', 'instance'),
    lib.annotation('Contract findings changed', 'red', 'topk(20, %s)' % q.moments(
      'endpoint', q.of('cometcanary_contract_last_change_timestamp_seconds')
    ), '{{endpoint}}', 'endpoint'),
  ],
  from='now-7d'
)
