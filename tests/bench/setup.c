/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>

#include "bench/bench.h"
#include "bench/load.h"
#include "config/load.h"

enum { CONFIG_BYTES_MAX = 64 << 20 };

static void
write_provider(struct buf *out, const struct bench_setup *setup, unsigned index)
{
	buf_printf(out,
	    "%s{ name = \"provider%u\"; base_url = \"%s://127.0.0.1:%u\"; max_in_flight = %u;\n"
	    "  request_id_header = \"X-Request-ID\"; response_id_headers = ( \"x-request-id\" );\n",
	    index > 0 ? ",\n" : "", index, setup->ca_file ? "https" : "http", setup->port,
	    setup->max_in_flight ? setup->max_in_flight : 8);
	if (setup->ca_file)
		buf_printf(out,
		    "  tls = { ca_file = \"%s\"; };\n"
		    "  auth = { header = \"Authorization\"; scheme = \"Bearer\"; secret = { env = \"BENCH_KEY\"; }; };\n",
		    setup->ca_file);
	buf_text(out, " }");
}

/* As the shipped sample has it. */
static void
write_contract(struct buf *out)
{
	buf_text(out,
	    "contracts = ( { name = \"bench\";\n"
	    "  required = ( \"id:string\", \"object:string\", \"created:integer\", \"model:string\", \"choices[].index:integer\",\n"
	    "    \"choices[].message.role:string\", \"choices[].message.content:string|null\",\n"
	    "    \"choices[].finish_reason:string\" );\n"
	    "  optional = ( \"service_tier:string\", \"system_fingerprint:string\", \"choices[].message.refusal:string\" );\n"
	    "  enums = ( { path = \"choices[].finish_reason\"; values = ( \"stop\", \"length\", \"tool_calls\" ); } );\n"
	    "  stream_required = ( \"id:string\", \"model:string\", \"choices[].delta:object\" );\n"
	    "  error_required = ( \"error.message:string\" );\n"
	    "  baseline = { mode = \"learn\"; samples = 20; }; } );\n");
}

void
bench_write_config(struct buf *out, const struct bench_setup *setup)
{
	unsigned providers = setup->providers ? setup->providers : 1;
	buf_printf(out,
	    "version = 1;\nweb = { listen = ( \"127.0.0.1:%u\" ); };\nlog = { file = \"\"; };\nproviders = (\n",
	    setup->web_port ? setup->web_port : 10077);
	for (unsigned i = 0; i < providers; i++)
		write_provider(out, setup, i);
	buf_text(out, " );\n");
	if (setup->contract)
		write_contract(out);
	buf_text(out, "endpoints = (\n");
	for (unsigned i = 0; i < setup->endpoints; i++) {
		buf_printf(out, "%s{ name = \"endpoint-%u\"; provider = \"provider%u\"; path = \"", i > 0 ? ",\n" : "",
		    i, i % providers);
		if (setup->path)
			setup->path(out, i);
		else
			buf_text(out, "/v1/chat/completions");
		buf_printf(out,
		    "\"; dialect = \"openai-chat\"; model = \"%s\"; interval = \"%s\"; probes = ( %s );\n"
		    "  connection = \"%s\"; expect = { usage = \"documented\"; };",
		    setup->model ? setup->model : "bench-model", setup->interval, setup->probes,
		    setup->reuse ? "reuse" : "fresh");
		if (setup->contract)
			buf_text(out, " contract = \"bench\";");
		if (setup->total)
			buf_printf(out, " timeout = { total = \"%s\"; };", setup->total);
		buf_text(out, " }");
	}
	buf_text(out, " );\n");
}

struct config *
bench_config(const struct bench_setup *setup)
{
	auto_buf struct buf text = BUF_INIT(CONFIG_BYTES_MAX);
	auto_diags struct diags diags = DIAGS_INIT;
	bench_write_config(&text, setup);
	struct config *config = config_load_text("bench.conf", buf_view(&text), &diags);
	if (!config) {
		auto_buf struct buf why = BUF_INIT(CONFIG_BYTES_MAX);
		diags_render(&diags, &why);
		bench_die("%.4096s", buf_cstr(&why));
	}
	return config;
}

struct config *
load_config(const struct load *load)
{
	struct bench_setup setup = load->setup;
	setup.endpoints = 1;
	setup.interval = "60s";
	setup.probes = "\"sync\", \"stream\"";
	return bench_config(&setup);
}
