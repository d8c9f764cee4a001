// SPDX-License-Identifier: Apache-2.0
// Expressions that more than one panel needs. All are right with several instances that probe the same endpoint: counts
// are summed, and of states the worst counts. Nothing is divided by what may be 0: where no run was, there is no ratio.
local positive = 'probe=~"sync|stream"';

{
  positive:: positive,
  // Windows: for graphs, for a table's "in the time range", and the same fixed for a graph's every point.
  recent:: '[$__rate_interval]',
  whole:: '[$__range]',
  whole_fixed:: '[$__range] @ end()',

  // scope: matchers for the label endpoint, '' = every endpoint
  new(scope=''):: {
    local q = self,
    local list(parts) = std.join(', ', [p for p in parts if p != '']),

    // All series of a metric, and those of the dashboard's endpoints
    all(metric, matchers=''):: metric + '{' + list(['job=~"$job"', 'instance=~"$instance"', matchers]) + '}',
    of(metric, matchers=''):: q.all(metric, list([scope, matchers])),

    // Metrics that other programs have too, where a variable says "All": those of the canary's jobs, of its instances
    local build(window='') = q.all('cometcanary_build_info') + window,
    of_jobs(metric):: '%s and on (job) max_over_time(%s)' % [q.all(metric), build($.whole)],
    of_instances(expr):: '%s and on (job, instance) %s' % [expr, build()],

    local sum(by, expr) = (if by == '' then 'sum (%s)' else 'sum by (' + by + ') (%s)') % expr,
    rate(by, selector, window=$.recent):: sum(by, 'rate(%s%s)' % [selector, window]),
    increase(by, selector, window=$.whole):: sum(by, 'increase(%s%s)' % [selector, window]),
    // As increase(), for series that are not there before their first occurrence, which a difference cannot see.
    count(by, selector)::
      sum(by, '(%s unless %s offset $__range) or increase(%s[$__range])' % [selector, selector, selector]) + ' > 0',

    per(part, whole, match=''):: '%s\n/%s\n(%s > 0)' % [part, match, whole],
    share(by, part, whole, window=$.recent):: q.per(q.rate(by, part, window), q.rate(by, whole, window)),
    // Parts by more labels than the whole has, which is summed by what they share
    parts(by, part, whole, shared='')::
      q.per(q.rate(by, part), q.rate(shared, whole), ' on (%s) group_left ()' % shared),
    // histogram_quantile says NaN where nothing was observed; NaN is not >= 0
    quantile(quantile, by, histogram, window=$.recent)::
      'histogram_quantile(%g, %s) >= 0' % [quantile, q.rate(list(['le', by]), histogram, window)],

    // The ten endpoints that rank highest over the whole time range: ten at most, and the same ten at every point.
    worst(expr, ranking):: '(%s)\nand on (endpoint)\ntopk(10, %s)' % [expr, ranking],

    // --- The rates ------------------------------------------------------------------------------------------------
    local runs = q.of('cometcanary_probes_total', positive),
    runs:: runs,
    // Not as the sum of failures: that would read eleven series a probe, where this reads two. Right after a start the
    // two counters are not extrapolated alike, and the difference may fall below 0.
    errors(by, window=$.recent)::
      'clamp_min(1 - %s, 0)' %
      q.share(by, q.of('cometcanary_probe_outcomes_total', list([positive, 'outcome="ok"'])), runs, window),
    timeouts(by, window=$.recent)::
      q.share(by, q.of('cometcanary_probe_failures_total', list([positive, 'class="timeout"'])), runs, window),
    fallbacks(by, window=$.recent):: q.share(by, q.of('cometcanary_fallbacks_total'), runs, window),
    usage_missing(by, window=$.recent)::
      q.share(by, q.of('cometcanary_usage_missing_total'), q.of('cometcanary_usage_expected_total'), window),
    latency(quantile, by, window=$.recent)::
      q.quantile(quantile, by, q.of('cometcanary_probe_duration_seconds_bucket'), window),
    // The mean, of a histogram: two series where a quantile reads all buckets
    mean(by, histogram, window=$.recent)::
      q.share(by, q.of(histogram + '_sum'), q.of(histogram + '_count'), window),
    first_token(quantile, by, window=$.recent)::
      q.quantile(quantile, by, q.of('cometcanary_time_to_first_token_seconds_bucket'), window),

    // --- States ---------------------------------------------------------------------------------------------------
    // 1 where the last run is older than three intervals and a minute: what the gauges say is then no longer true.
    local overdue = '> bool 3 * %s + 60' % q.of('cometcanary_probe_interval_seconds', positive),
    stale:: 'time() - %s %s' % [q.of('cometcanary_probe_last_run_timestamp_seconds', positive), overdue],
    success(by, matchers=positive):: 'min by (%s) (%s)' % [by, q.of('cometcanary_probe_success', matchers)],
    // 0 stale, 1 failing, 2 ok: the worst of an endpoint's positive probes; 3 where none has finished yet
    state::
      'min by (endpoint) ((%s + 1) * (1 - (%s)))\nor\nmax by (endpoint) (%s) * 3' %
      [q.of('cometcanary_probe_success', positive), q.stale, q.of('cometcanary_endpoint_info')],
    age(by, metric, matchers=''):: 'time() - max by (%s) (%s)' % [by, q.of(metric, matchers)],
    // How many: 0 where there are series and none of them is meant, nothing where there are no series
    how_many(series):: sum('', series),

    // --- Annotations: times in ms -----------------------------------------------------------------------------------
    moments(by, selector):: '1000 * max by (%s) (%s > 0)' % [by, selector],
  },

  states:: {
    '0': ['stale', 'orange'],
    '1': ['failing', 'red'],
    '2': ['ok', 'green'],
    '3': ['not run yet', 'text'],
  },
}
