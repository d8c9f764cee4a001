/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dialect/ask.h"

void
ask_messages(struct jsonw *body, const struct request_config *request)
{
	jsonw_open_array(body, "messages");
	jsonw_open_object(body, NULL);
	jsonw_text(body, "role", "user");
	jsonw_text(body, "content", request->prompt);
	jsonw_close_object(body);
	jsonw_close_array(body);
}

void
ask_limits(struct jsonw *body, const struct request_config *request)
{
	if (request->token_field && request->max_tokens > 0)
		jsonw_int(body, request->token_field, request->max_tokens);
	if (request->has_temperature)
		jsonw_real(body, "temperature", request->temperature);
}
