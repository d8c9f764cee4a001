/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/load.h"

#include "fuzz.h"

/* Properties: a configuration or at least one error, never both; each complaint is one line of text for a terminal. */

enum { TEXT_BYTES = 1 << 20 };

/* libconfig 1.5 loses the text of a string that is not closed: 64 bytes, and a program reads one configuration. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

static void
check_rendering(const struct diags *diags)
{
	auto_buf struct buf out = BUF_INIT(TEXT_BYTES);
	diags_render(diags, &out);
	struct str rest = buf_view(&out);
	size_t lines = 0;
	FUZZ_REQUIRE(str_is_utf8(rest));
	for (size_t i = 0; i < rest.len; i++) {
		unsigned char c = (unsigned char)rest.at[i];
		lines += c == '\n';
		FUZZ_REQUIRE(c == '\n' || c >= 0x20);
	}
	FUZZ_REQUIRE(out.overflow || lines == diags->count);
}

/* What findings can name, with at least one type. */
static void
check_fields(const struct field_list *fields)
{
	for (size_t i = 0; i < fields->count; i++) {
		struct str path = str_of(fields->items[i].path);
		FUZZ_REQUIRE(str_starts(path, STR("$")) && path.len < FINDING_PATH_BYTES);
		FUZZ_REQUIRE(fields->items[i].kinds != 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_diags struct diags diags = DIAGS_INIT;
	struct config *config = config_load_text("fuzz.conf", fuzz_input(data, size), &diags);
	FUZZ_REQUIRE((config == NULL) == (diags.errors > 0));
	FUZZ_REQUIRE(diags.errors <= diags.count);
	check_rendering(&diags);
	for (size_t i = 0; config && i < config->endpoint_count; i++) {
		const struct endpoint *endpoint = &config->endpoints[i];
		FUZZ_REQUIRE(endpoint->name && endpoint->provider && endpoint->dialect && endpoint->path);
		FUZZ_REQUIRE(endpoint->interval_ns > 0 && endpoint->deadlines.total_ns > 0);
		FUZZ_REQUIRE(config_find_endpoint(config, endpoint->name) == endpoint);
		FUZZ_REQUIRE(!endpoint->contract || endpoint->contract->name);
	}
	for (size_t i = 0; config && i < config->contract_count; i++)
		check_fields(&config->contracts[i].required);
	config_release(config);
	return 0;
}
