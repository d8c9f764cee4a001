// SPDX-License-Identifier: Apache-2.0
// Dashboards, panels and variables in Grafana's classic schema: as much of it as our dashboards need.
local config = import 'config.libsonnet';

local datasource = { type: 'prometheus', uid: '${datasource}' };
local columns = 24;

// Of single numbers and in tables: counts that Prometheus has extrapolated are about that many, not 59.99.
local decimals = { short: 0, percentunit: 2 };

// refId of the i-th query: A, B, ...
local letter(i) = std.char(std.codepoint('A') + i);

// size is for layout(): it is not part of the panel.
local panel(type, title, description, targets, w, h, field, options) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  pluginVersion: '10.4.0',
  size:: { w: w, h: h },
  targets: std.mapWithIndex(function(i, target) target { refId: letter(i) }, targets),
  fieldConfig: { defaults: field, overrides: [] },
  options: options,
};

local target(expr, legend='', step='', more={}) = {
  datasource: datasource,
  editorMode: 'code',
  expr: expr,
  legendFormat: legend,
  [if step != '' then 'interval']: step,
} + more;

local instant = { instant: true, range: false };
local range = { instant: false, range: true };

local as_list(x) = if std.isArray(x) then x else [x];

{
  local lib = self,

  // Min step of queries over positive probes: the variable of that name.
  step:: '$min_step',

  // --- Queries ---------------------------------------------------------------------------------------------------
  query(expr, legend='', step=lib.step):: target(expr, legend, step, range),
  // Where nothing waits for a probe: the data source's own scrape interval is the right step.
  own(expr, legend=''):: target(expr, legend, '', range),

  // --- Thresholds and value mappings -----------------------------------------------------------------------------
  steps(base, more=[])::
    { mode: 'absolute', steps: [{ color: base, value: null }] + [{ color: s[1], value: s[0] } for s in more] },
  plain:: lib.steps('text'),
  bad_from(red):: lib.steps('green', [[red, 'red']]),
  warn_from(orange, red):: lib.steps('green', [[orange, 'orange'], [red, 'red']]),
  good_from(green):: lib.steps('red', [[green, 'green']]),
  warn_below(red, orange):: lib.steps('red', [[red, 'orange'], [orange, 'green']]),
  error_rate:: lib.warn_from(0.01, 0.05),

  // map({ '0': ['failing', 'red'] }): words and colours for values
  map(words):: [{
    type: 'value',
    options: {
      [key]: { index: i, text: words[key][0], color: words[key][1] }
      for i in std.range(0, std.length(words) - 1)
      for key in [std.objectFields(words)[i]]
    },
  }],
  yes_no(yes, no):: lib.map({ '0': [no, 'red'], '1': [yes, 'green'] }),

  // --- Panels ----------------------------------------------------------------------------------------------------
  stat(title,
       description,
       expr,
       unit='none',
       thresholds=lib.plain,
       no_value='no data',
       mappings=[],
       w=4,
       h=4,
       legend='',
       text='auto')::
    panel('stat', title, description, [target(expr, legend, '', instant)], w, h, {
      unit: unit,
      thresholds: thresholds,
      mappings: mappings,
      noValue: no_value,
      color: { mode: 'thresholds' },
      [if std.objectHas(decimals, unit) then 'decimals']: decimals[unit],
    }, {
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'center',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: text,
    }),

  graph(title,
        description,
        targets,
        unit='short',
        thresholds=lib.plain,
        no_value='no data',
        w=12,
        h=8,
        min=0,
        max=null,
        stack=false,
        steps=false,
        links=[],
        right=false)::
    panel('timeseries', title, description, as_list(targets), w, h, {
      unit: unit,
      [if min != null then 'min']: min,
      [if max != null then 'max']: max,
      thresholds: thresholds,
      mappings: [],
      noValue: no_value,
      links: links,
      color: { mode: 'palette-classic' },
      custom: {
        drawStyle: 'line',
        lineInterpolation: if steps then 'stepAfter' else 'linear',
        lineWidth: 1,
        fillOpacity: if stack then 60 else 10,
        showPoints: 'auto',
        spanNulls: false,
        stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
        thresholdsStyle: { mode: if std.length(thresholds.steps) > 1 then 'line' else 'off' },
      },
    }, {
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: if right then 'right' else 'bottom',
        calcs: ['lastNotNull', 'max'],
        sortBy: 'Max',
        sortDesc: true,
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    }),

  timeline(title, description, targets, mappings, thresholds, no_value='no data', w=24, h=8)::
    panel('state-timeline', title, description, as_list(targets), w, h, {
      unit: 'none',
      thresholds: thresholds,
      mappings: mappings,
      noValue: no_value,
      color: { mode: 'thresholds' },
      custom: { fillOpacity: 80, lineWidth: 0, spanNulls: false },
    }, {
      alignValue: 'left',
      mergeValues: true,
      rowHeight: 0.8,
      showValue: 'never',
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'single', sort: 'none' },
    }),

  // expr: buckets by le
  heatmap(title, description, expr, unit='s', step=lib.step, no_value='no data', w=12, h=8)::
    panel('heatmap', title, description, [target(expr, '{{le}}', step, range { format: 'heatmap' })], w, h, {
      unit: unit,
      thresholds: lib.plain,
      noValue: no_value,
      custom: { scaleDistribution: { type: 'linear' } },
    }, {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Oranges', exponent: 0.5, fill: 'dark-orange', steps: 64, reverse: false },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      tooltip: { show: true, yHistogram: false },
      yAxis: { axisPlacement: 'left', reverse: false, unit: unit, min: '0' },
    }),

  // A column of a table: one instant query. Two columns make a row where all the labels that they share agree.
  column(expr, name, unit='short', thresholds=null, mappings=[], width=null, hidden=false)::
    { expr: expr, name: name, unit: unit, thresholds: thresholds, mappings: mappings, width: width, hidden: hidden },

  // labels: [[label, its heading], ...] in the order of the columns; links: { label: [data link, ...] }
  table(title, description, labels, table_columns, no_value='no data', w=24, h=8, links={}, sort=null)::
    local field(i) = if std.length(table_columns) == 1 then 'Value' else 'Value #' + letter(i);
    local by_name(name, properties) = { matcher: { id: 'byName', options: name }, properties: properties };
    local properties(c) = [{ id: 'displayName', value: c.name }, { id: 'unit', value: c.unit }] +
                          (if c.thresholds == null then [] else [
                             { id: 'thresholds', value: c.thresholds },
                             { id: 'custom.cellOptions', value: { type: 'color-text' } },
                           ]) +
                          (if c.mappings == [] then [] else [
                             { id: 'mappings', value: c.mappings },
                             { id: 'custom.cellOptions', value: { type: 'color-text' } },
                           ]) +
                          (if std.objectHas(decimals, c.unit) then [{ id: 'decimals', value: decimals[c.unit] }] else []) +
                          (if c.width == null then [] else [{ id: 'custom.width', value: c.width }]);
    local shown = [i for i in std.range(0, std.length(table_columns) - 1) if !table_columns[i].hidden];
    local of_labels = [
      by_name(l[0], [{ id: 'displayName', value: l[1] }, { id: 'custom.filterable', value: true }] +
                    (if std.objectHas(links, l[0]) then [{ id: 'links', value: links[l[0]] }] else []))
      for l in labels
    ];
    local of_values = [by_name(field(i), properties(table_columns[i])) for i in shown];
    panel('table', title, description, [target(c.expr, '', '', instant { format: 'table' }) for c in table_columns], w, h, {
      unit: 'short',
      thresholds: lib.plain,
      mappings: [],
      noValue: no_value,
      color: { mode: 'thresholds' },
      custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false, inspect: false },
    }, {
      cellHeight: 'sm',
      footer: { show: false, enablePagination: true, countRows: false, fields: '', reducer: ['sum'] },
      showHeader: true,
      sortBy: if sort == null then [] else [{ displayName: sort[0], desc: sort[1] }],
    }) + {
      fieldConfig+: { overrides: of_labels + of_values },
      transformations: [{ id: 'merge', options: {} }, {
        id: 'organize',
        options: {
          excludeByName: { Time: true } + {
            [field(i)]: true
            for i in std.range(0, std.length(table_columns) - 1)
            if table_columns[i].hidden
          },
          indexByName: {
            [(labels[i])[0]]: i
            for i in std.range(0, std.length(labels) - 1)
          } + {
            [field(i)]: std.length(labels) + i
            for i in std.range(0, std.length(table_columns) - 1)
          },
          renameByName: {},
        },
      }],
    },

  // --- Links -----------------------------------------------------------------------------------------------------
  // To the endpoint's own dashboard, with time range and variables. name: where the endpoint's name is found.
  to_endpoint(name):: {
    title: 'Open the endpoint',
    url: '/d/cometcanary-endpoint/cometcanary-endpoint?var-endpoint=' + name +
         '&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}&${min_step:queryparam}&${__url_time_range}',
    targetBlank: false,
  },
  from_series:: [lib.to_endpoint('${__field.labels.endpoint}')],
  from_cell:: [lib.to_endpoint('${__value.text}')],

  // --- Variables -------------------------------------------------------------------------------------------------
  local label_variable(name, label, query, multi) = {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    query: query,
    definition: query,
    refresh: 2,
    sort: 1,
    regex: '',
    hide: 0,
    skipUrlSync: false,
    multi: multi,
    includeAll: multi,
    [if multi then 'allValue']: '.+',
    current: if multi then { selected: true, text: ['All'], value: ['$__all'] } else {},
    options: [],
  },
  variables:: {
    datasource: {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      refresh: 1,
      regex: '',
      hide: 0,
      skipUrlSync: false,
      multi: false,
      includeAll: false,
      current: {},
      options: [],
    },
    job: label_variable('job', 'Job', 'label_values(cometcanary_build_info, job)', true),
    instance:
      label_variable('instance', 'Instance', 'label_values(cometcanary_build_info{job=~"$job"}, instance)', true),
    local endpoints = 'label_values(cometcanary_endpoint_info{job=~"$job", instance=~"$instance"}, endpoint)',
    endpoint: label_variable('endpoint', 'Endpoint', endpoints, false),
    endpoints: label_variable('endpoint', 'Endpoint', endpoints, true),
    docs: label_variable(
      'doc', 'Document', 'label_values(cometcanary_doc_checks_total{job=~"$job", instance=~"$instance"}, doc)', true
    ),
    local intervals = ['1m', '2m', '5m', '10m', '15m', '30m', '1h'],
    min_step: {
      name: 'min_step',
      label: 'Probe interval',
      description: 'How often your positive probes run. Rates look back four of these, so that each has runs in it.',
      type: 'custom',
      query: std.join(',', intervals),
      hide: 0,
      skipUrlSync: false,
      multi: false,
      includeAll: false,
      current: { selected: true, text: '1m', value: '1m' },
      options: [{ selected: i == '1m', text: i, value: i } for i in intervals],
    },
  },

  // --- Annotations -----------------------------------------------------------------------------------------------
  // expr: a time in milliseconds for each event
  annotation(name, color, expr, text, tag):: {
    name: name,
    enable: true,
    hide: false,
    iconColor: color,
    datasource: datasource,
    expr: expr,
    step: '60s',
    useValueForTime: true,
    titleFormat: name,
    textFormat: text,
    tagKeys: tag,
  },

  // --- The dashboard ---------------------------------------------------------------------------------------------
  row(title, panels):: { title: title, panels: panels },

  // Left to right, then down, below a headline a row.
  local layout(rows) =
    local place(at, p) =
      local wraps = at.x + p.size.w > columns;
      local x = if wraps then 0 else at.x;
      local y = if wraps then at.y + at.tallest else at.y;
      {
        x: x + p.size.w,
        y: y,
        tallest: if wraps then p.size.h else std.max(at.tallest, p.size.h),
        panels: at.panels + [p { id: std.length(at.panels) + 1, gridPos: p.size { x: x, y: y } }],
      };
    local headline(at, row) = {
      local y = at.y + at.tallest,
      x: 0,
      y: y + 1,
      tallest: 0,
      panels: at.panels + [{
        id: std.length(at.panels) + 1,
        type: 'row',
        title: row.title,
        collapsed: false,
        gridPos: { x: 0, y: y, w: columns, h: 1 },
        panels: [],
      }],
    };
    std.foldl(
      function(at, row) std.foldl(place, row.panels, headline(at, row)),
      rows,
      { x: 0, y: 0, tallest: 0, panels: [] }
    ).panels,

  dashboard(uid, title, description, variables, rows, annotations=[], from='now-6h'):: {
    uid: uid,
    title: title,
    description: description,
    tags: ['cometcanary'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    timezone: config.timezone,
    refresh: config.refresh,
    time: { from: from, to: 'now' },
    links: [{
      type: 'dashboards',
      title: 'cometcanary',
      tags: ['cometcanary'],
      icon: 'external link',
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      tooltip: 'The other dashboards, with these variables and this time range',
      url: '',
    }] + if config.runbook_url == '' then [] else [{
      type: 'link',
      title: 'Runbook',
      icon: 'doc',
      url: config.runbook_url,
      tags: [],
      asDropdown: false,
      includeVars: false,
      keepTime: false,
      targetBlank: true,
      tooltip: 'What each alert means, and what to do',
    }],
    templating: { list: variables },
    annotations: { list: annotations },
    panels: layout(rows),
  },
}
