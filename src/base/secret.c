/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"

enum { SECRET_BYTES_MAX = 8192, TELLTALE_BYTES = 8 };

/* The whole struct lives in pages of its own: locking, dump exclusion and wiping touch nothing else. The buffer has room
 * for a line end and for one byte more, which tells "too long" from "just fits". */
struct secret {
	size_t len;
	char bytes[SECRET_BYTES_MAX + 3];
};

static struct secret *
secret_new(void)
{
	struct secret *secret = mmap(NULL, sizeof(*secret), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (secret == MAP_FAILED)
		return NULL;
	/* Best effort: RLIMIT_MEMLOCK may be small in a container, and the canary works without. */
	(void)mlock(secret, sizeof(*secret));
	(void)madvise(secret, sizeof(*secret), MADV_DONTDUMP);
	return secret;
}

void
secret_free(struct secret *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, sizeof(*secret));
	munmap(secret, sizeof(*secret));
}

struct str
secret_bytes(const struct secret *secret)
{
	return str_span(secret->bytes, secret->len);
}

bool
secret_is_in(const struct secret *secret, struct str text)
{
	size_t len = secret && secret->len < TELLTALE_BYTES ? secret->len : TELLTALE_BYTES;
	for (size_t i = 0; secret && i + len <= secret->len && len <= text.len; i++)
		if (memmem(text.at, text.len, secret->bytes + i, len))
			return true;
	return false;
}

/* Each reader fills the secret and answers NULL, or the reason for which it could not. */
static const char *
read_env(struct secret *secret, const char *name)
{
	const char *value = getenv(name);
	if (!value)
		return "the environment variable is not set";
	size_t len = strlen(value);
	if (len > sizeof(secret->bytes))
		len = sizeof(secret->bytes);
	memcpy(secret->bytes, value, len);
	secret->len = len;
	return NULL;
}

static const char *
fill_from(struct secret *secret, int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return "the file is not a regular file";
	while (secret->len < sizeof(secret->bytes)) {
		ssize_t got = read(fd, secret->bytes + secret->len, sizeof(secret->bytes) - secret->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return "the file cannot be read";
		if (got == 0)
			break;
		secret->len += (size_t)got;
	}
	return NULL;
}

static const char *
read_file(struct secret *secret, const char *path)
{
	/* O_NONBLOCK: a fifo in this place must not hang the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? "the file does not exist"
		    : errno == EACCES  ? "the file may not be read by this user"
				       : "the file cannot be opened";
	const char *why = fill_from(secret, fd);
	close(fd);
	return why;
}

static const char *
read_credential(struct secret *secret, const char *name)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	if (!folder || !*folder)
		return "$CREDENTIALS_DIRECTORY is not set (the service manager sets it for LoadCredential=)";
	if (!*name || *name == '.' || strchr(name, '/'))
		return "a credential is named without a folder";
	auto_buf struct buf path = BUF_INIT(4096);
	if (!buf_printf(&path, "%s/%s", folder, name))
		return "$CREDENTIALS_DIRECTORY is too long";
	return read_file(secret, buf_cstr(&path));
}

static void
trim_line_end(struct secret *secret)
{
	if (secret->len > 0 && secret->bytes[secret->len - 1] == '\n')
		secret->len--;
	else
		return;
	if (secret->len > 0 && secret->bytes[secret->len - 1] == '\r')
		secret->len--;
}

static const char *
judge(const struct secret *secret)
{
	if (secret->len == 0)
		return "it is empty";
	if (secret->len > SECRET_BYTES_MAX)
		return "it is longer than 8 KiB";
	for (size_t i = 0; i < secret->len; i++) {
		unsigned char c = (unsigned char)secret->bytes[i];
		if (c == '\n' || c == '\r')
			return "it holds a line break";
		if (c < 0x20 || c == 0x7f)
			return "it holds a control character";
	}
	return NULL;
}

struct secret *
secret_read(enum secret_source source, const char *name, const char **ret_why)
{
	static const char *(*const readers[])(struct secret * secret, const char *name) = {
		[SECRET_ENV] = read_env,
		[SECRET_FILE] = read_file,
		[SECRET_CREDENTIAL] = read_credential,
	};
	struct secret *secret = secret_new();
	if (!secret) {
		*ret_why = "no memory for it";
		return NULL;
	}
	const char *why = readers[source](secret, name);
	if (!why) {
		trim_line_end(secret);
		why = judge(secret);
	}
	if (why) {
		*ret_why = why;
		secret_free(secret);
		return NULL;
	}
	return secret;
}
