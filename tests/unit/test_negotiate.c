/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "export/negotiate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"

static void
test_format(void **state)
{
	(void)state;
	static const struct {
		const char *who, *accept;
		enum exposition_format want;
	} rows[] = {
		{ "Prometheus 2.37, 2.45",
		    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
		    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		    EXPOSITION_OPENMETRICS },
		{ "Prometheus 2.53",
		    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		    EXPOSITION_OPENMETRICS },
		{ "Prometheus 3.0: escaping twice",
		    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		    "application/openmetrics-text;version=0.0.1;q=0.4,"
		    "text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.3,"
		    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		    EXPOSITION_OPENMETRICS },
		{ "Prometheus 3.5 to 3.14",
		    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
		    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		    EXPOSITION_OPENMETRICS },
		{ "Prometheus 3 with native histograms",
		    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
		    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
		    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
		    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		    EXPOSITION_OPENMETRICS },
		{ "text first", "text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.3",
		    EXPOSITION_TEXT },
		{ "a tie", "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0",
		    EXPOSITION_OPENMETRICS },
		{ "blanks, capitals, quality first",
		    " Application/OpenMetrics-Text ; q=0.9 ; version=1.0.0 , text/plain ; q=0.8 ",
		    EXPOSITION_OPENMETRICS },
		{ "old OpenMetrics alone", "application/openmetrics-text;version=0.0.1", EXPOSITION_TEXT },
		{ "no version", "application/openmetrics-text", EXPOSITION_OPENMETRICS },
		{ "refused", "application/openmetrics-text;q=0,text/plain", EXPOSITION_TEXT },
		{ "refused, and nothing else", "application/openmetrics-text;q=0.000", EXPOSITION_TEXT },
		{ "the close match counts", "text/plain;q=0.1,*/*;q=1,application/openmetrics-text;q=0.5",
		    EXPOSITION_OPENMETRICS },
		{ "any before OpenMetrics", "application/openmetrics-text;q=0.5,*/*;q=0.8", EXPOSITION_TEXT },
		{ "curl", "*/*", EXPOSITION_TEXT },
		{ "a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
		    EXPOSITION_TEXT },
		{ "nothing that fits", "image/png", EXPOSITION_TEXT },
		{ "nonsense", ";;,=,q=,;q=2;q=x,\",", EXPOSITION_TEXT },
		{ "empty", "", EXPOSITION_TEXT },
		{ "no header", NULL, EXPOSITION_TEXT },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (negotiate_format(str_of(rows[i].accept)) != rows[i].want)
			fail_msg("%s", rows[i].who);
}

static void
test_gzip(void **state)
{
	(void)state;
	static const struct {
		const char *accept;
		bool want;
	} rows[] = {
		{ "gzip", true },
		{ "gzip, deflate, br", true },
		{ "deflate;q=0.5, GZIP;q=1.0", true },
		{ "*", true },
		{ "identity", false },
		{ "gzip;q=0", false },
		{ "gzip;q=0, *", false },
		{ "*;q=0", false },
		{ "br", false },
		{ "", false },
		{ NULL, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (negotiate_gzip(str_of(rows[i].accept)) != rows[i].want)
			fail_msg("%s", rows[i].accept ? rows[i].accept : "no header");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_gzip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
