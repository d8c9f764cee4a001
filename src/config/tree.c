/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "config/tree.h"

#include <string.h>

#include "config/syntax.h"

struct node *
node_get(const struct node *group, const char *name)
{
	if (!group || group->kind != NODE_GROUP)
		return NULL;
	struct node *node = group->first;
	while (node && strcmp(node->name, name) != 0)
		node = node->next;
	return node;
}

const struct node *
node_first_of(const struct node *group, const char *name)
{
	const struct node *list = node_get(group, name);
	return list && !list->bad ? list->first : NULL;
}

const struct node *
node_first_filled(const struct node *group, const char *name, const void *filled)
{
	return filled ? node_first_of(group, name) : NULL;
}

struct node *
node_find(const struct node *group, const char *path)
{
	struct node *found = NULL;
	for (struct str rest = str_of(path); rest.at; group = found) {
		struct str part = str_split(&rest, '.');
		found = group && group->kind == NODE_GROUP ? group->first : NULL;
		while (found && !str_eq(str_of(found->name), part))
			found = found->next;
	}
	return found;
}

static void
path_part(const struct node *node, struct buf *out)
{
	if (node->name) {
		if (out->len > 0)
			buf_char(out, '.');
		buf_text(out, node->name);
		return;
	}
	const struct node *name = node_get(node, "name");
	if (name && name->kind == NODE_TEXT && !syntax_name(str_of(name->text)))
		buf_printf(out, ".%s", name->text);
	else
		buf_printf(out, "[%zu]", node->index);
}

void
node_path(const struct node *node, struct buf *out)
{
	if (!node->parent)
		return;
	node_path(node->parent, out);
	path_part(node, out);
}

const char *
node_kind_text(enum node_kind kind)
{
	static const char *const texts[] = {
		[NODE_GROUP] = "a group",
		[NODE_LIST] = "a list",
		[NODE_TEXT] = "a text",
		[NODE_INT] = "a number",
		[NODE_REAL] = "a number",
		[NODE_BOOL] = "true or false",
	};
	return texts[kind];
}
