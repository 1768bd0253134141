#include "cli/sample-zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

static int error_of(int code)
{
    switch (code) {
    case ZIP_ER_EXISTS:
        return -EEXIST;
    case ZIP_ER_MEMORY:
        return -ENOMEM;
    case ZIP_ER_ENCRNOTSUPP:
        return -EOPNOTSUPP;
    default:
        return errno ? -errno : -EIO;
    }
}

static int add(zip_t *z, const char *name, const void *data, uint64_t size)
{
    zip_source_t *source = zip_source_buffer(z, data, size, 0);
    zip_int64_t at = source ? zip_file_add(z, name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (at < 0) {
        zip_source_free(source);
        return -ENOMEM;
    }
    return zip_file_set_encryption(z, (zip_uint64_t)at, ZIP_EM_TRAD_PKWARE, SAMPLE_PASSWORD) < 0
               ? error_of(zip_error_code_zip(zip_get_error(z)))
               : 0;
}

static int write_zip(const char *path, const char *name, const void *data, uint64_t size)
{
    int code = 0;
    zip_t *z = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code);
    if (!z)
        return error_of(code);
    int err = add(z, name, data, size);
    if (!err && zip_close(z) < 0)
        err = error_of(zip_error_code_zip(zip_get_error(z)));
    if (err)
        zip_discard(z);
    return err;
}

int sample_zip(const char *path, const char *name, int fd, uint64_t size)
{
    uint8_t *data = malloc(size ? size : 1);
    uint64_t at = 0;
    ssize_t got = 1;
    if (!data)
        return -ENOMEM;
    while (at < size && (got = pread(fd, data + at, size - at, (off_t)at)) > 0)
        at += (uint64_t)got;
    int err = at < size ? (got < 0 ? -errno : -EIO) : write_zip(path, name, data, size);
    free(data);
    return err;
}
