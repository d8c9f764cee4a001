/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/load.h"

#include <libconfig.h>

#include "base/clock.h"
#include "config/conf.h"
#include "config/loading.h"
#include "config/source.h"

enum { NODE_DEPTH_MAX = 32 };

/* From libconfig's tree to ours. */
struct copying {
	const struct source *source;
	struct arena *memory;
	struct diags *diags;
	bool too_deep;
};

static struct node *copy(struct copying *copying, const config_setting_t *setting, struct node *parent, unsigned depth);

static void
copy_children(struct copying *copying, const config_setting_t *setting, struct node *node, unsigned depth)
{
	struct node **link = &node->first;
	int length = config_setting_length(setting);
	for (int i = 0; i < length && !copying->too_deep; i++) {
		struct node *child = copy(copying, config_setting_get_elem(setting, (unsigned)i), node, depth + 1);
		child->index = node->count++;
		*link = child;
		link = &child->next;
	}
}

static struct node *
copy(struct copying *copying, const config_setting_t *setting, struct node *parent, unsigned depth)
{
	struct node *node = arena_alloc(copying->memory, sizeof(*node));
	const char *name = config_setting_name(setting);
	node->name = name ? arena_dup(copying->memory, str_of(name)) : NULL;
	node->parent = parent;
	node->at = source_place(copying->source, config_setting_source_line(setting));
	if (depth > NODE_DEPTH_MAX) {
		diags_add(copying->diags, DIAG_ERROR, node->at, "groups and lists are nested too deeply");
		copying->too_deep = true;
		return node;
	}
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_GROUP:
		node->kind = NODE_GROUP;
		copy_children(copying, setting, node, depth);
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		node->kind = NODE_LIST;
		copy_children(copying, setting, node, depth);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		node->kind = NODE_INT;
		node->number = config_setting_get_int64(setting);
		break;
	case CONFIG_TYPE_FLOAT:
		node->kind = NODE_REAL;
		node->real = config_setting_get_float(setting);
		break;
	case CONFIG_TYPE_BOOL:
		node->kind = NODE_BOOL;
		node->truth = config_setting_get_bool(setting);
		break;
	default:
		node->kind = NODE_TEXT;
		node->text = arena_dup(copying->memory, str_of(config_setting_get_string(setting)));
		break;
	}
	return node;
}

/* A syntax error is the only one that is told: what was read up to there says nothing about the rest. line, text: what
 * libconfig says; line 0 = it has nothing to say. */
static void
tell_syntax(const struct source *source, unsigned line, const char *text, struct diags *diags)
{
	unsigned text_from = source_text_from(source, line);
	struct place at = source_place(source, text_from ? text_from : line);
	if (text_from > 0) {
		text = "syntax error after a text that begins here and goes on beyond the line: is a \" missing?";
	} else if (source->trouble && (line == 0 || source->trouble_line <= line)) {
		at = source->trouble_at;
		text = source->trouble;
	} else if (str_eq(str_of(text), STR("syntax error"))) {
		text = "syntax error, here or at the end of the line before (a missing =, \" or bracket?)";
	} else if (str_eq(str_of(text), STR("duplicate setting name"))) {
		text = "a setting is here for the second time in its group";
	}
	diags_done(diags);
	diags_add(diags, DIAG_ERROR, at, text);
}

/* NULL after a syntax error. */
static struct node *
parse(struct source *source, struct arena *memory, struct diags *diags)
{
	config_t parsed;
	struct node *root = NULL;
	config_init(&parsed);
	bool fine = config_read_string(&parsed, buf_cstr(&source->text)) == CONFIG_TRUE;
	if (fine && !source->trouble) {
		struct copying copying = { .source = source, .memory = memory, .diags = diags };
		root = copy(&copying, config_root_setting(&parsed), NULL, 0);
		if (copying.too_deep)
			root = NULL;
	} else {
		unsigned line = fine ? 0 : (unsigned)config_error_line(&parsed);
		tell_syntax(source, line, config_error_text(&parsed), diags);
	}
	config_destroy(&parsed);
	return root;
}

static struct config *
load(struct source *source, struct arena *scratch, const struct config_options *options, struct diags *diags)
{
	struct node *root = parse(source, scratch, diags);
	if (!root)
		return NULL;
	struct config *config = conf_new();
	struct loading loading = {
		.config = config,
		.memory = config->memory,
		.scratch = scratch,
		.diags = diags,
		.without_secrets = options->without_secrets,
		.today_days = options->today_days ? options->today_days : clock_wall().us / (86400 * US_PER_SEC),
	};
	fill_group(&loading, &schema_top, root, NULL, config);
	rules_check(&loading, root);
	if (diags->errors > 0) {
		config_release(config);
		return NULL;
	}
	conf_index(config);
	return config;
}

/* The two ways in differ in where the text comes from: a file, or with path NULL the text. */
static struct config *
load_from(
    const char *path, const struct config_options *options, const char *name, struct str text, struct diags *diags)
{
	struct arena scratch;
	struct source source;
	struct config *config = NULL;
	arena_init(&scratch, SIZE_MAX / 2);
	bool fine = path ? source_read_file(&source, &scratch, path, diags)
			 : source_read_text(&source, &scratch, name, text, diags);
	if (fine)
		config = load(&source, &scratch, options, diags);
	diags_sort(diags);
	source_done(&source);
	arena_done(&scratch);
	return config;
}

struct config *
config_load(const char *path, struct diags *diags)
{
	return config_load_with(path, &(struct config_options){ 0 }, diags);
}

struct config *
config_load_with(const char *path, const struct config_options *options, struct diags *diags)
{
	return load_from(path, options, NULL, STR_NONE, diags);
}

struct config *
config_load_text(const char *name, struct str text, struct diags *diags)
{
	return load_from(NULL, &(struct config_options){ 0 }, name, text, diags);
}
