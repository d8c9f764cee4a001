/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "docs/markdown.h"

#include "docs/plain.h"

const char *
markdown_read(struct builder *builder, struct str body)
{
	auto_buf struct buf line = BUF_INIT(DOC_BODY_MAX * 2);
	while (body.at && !builder->full) {
		buf_reset(&line);
		plain_add(&line, str_split(&body, '\n'));
		if (line.len > 0)
			builder_line(builder, buf_view(&line));
		if (builder->title.len == 0 && str_starts(buf_view(&line), STR("# ")))
			builder->title = builder_copy(builder, buf_view(&line));
	}
	return builder->title.len ? NULL : "a page without a title";
}
