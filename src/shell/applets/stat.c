#include "shell/applets/chmod-mode.h"
#include "shell/applets/stat-mount.h"
#include "shell/applets/stat-text.h"
#include "shell/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT = 1, FILE_SYSTEM = 2, FOLLOW = 4, TERSE = 8, WIDTH_MOST = 65536 };

struct stating {
    struct proc *p;
    const char *path;
    uint32_t bits;
    struct vfs_stat st;
    struct mount_space space;
};

/* What stands between the % and the letter. */
struct spec {
    bool left, zeros, alternative;
    size_t width;
    size_t precision; /* SIZE_MAX: none */
};

static void put_padded(struct proc *p, const struct spec *f, const char *prefix, const char *s,
                       size_t n, bool zeros)
{
    size_t whole = strlen(prefix) + n, pad = f->width > whole ? f->width - whole : 0;
    proc_charge(p, pad);
    for (size_t i = pad; i > 0 && !f->left && !zeros; i--)
        out_char(p, ' ');
    out_text(p, prefix);
    for (size_t i = pad; i > 0 && !f->left && zeros; i--)
        out_char(p, '0');
    out_put(p, s, n);
    for (size_t i = pad; i > 0 && f->left; i--)
        out_char(p, ' ');
}

static void put_text(struct proc *p, const struct spec *f, const char *s)
{
    put_padded(p, f, "", s, strnlen(s, f->precision), false);
}

static void put_number(struct proc *p, const struct spec *f, uint64_t n, char base)
{
    char digits[32], padded[64];
    const char *prefix = f->alternative && n ? (base == 'x' ? "0x" : base == 'o' ? "0" : "") : "";
    snprintf(digits, sizeof digits,
             base == 'x'   ? "%" PRIx64
             : base == 'o' ? "%" PRIo64
             : base == 'd' ? "%" PRId64
                           : "%" PRIu64,
             n);
    size_t precision = f->precision == SIZE_MAX ? 0
                       : f->precision < 40      ? f->precision
                                                : 40,
           k = strlen(digits);
    snprintf(padded, sizeof padded, "%.*s%s", (int)(precision > k ? precision - k : 0),
             "0000000000000000000000000000000000000000", digits);
    put_padded(p, f, prefix, padded, strlen(padded), f->zeros && f->precision == SIZE_MAX);
}

static const char *type_name(const struct vfs_stat *st)
{
    static const struct {
        uint32_t type;
        const char *name;
    } types[] = { { S_IFDIR, "directory" },
                  { S_IFBLK, "block special file" },
                  { S_IFCHR, "character special file" },
                  { S_IFIFO, "fifo" },
                  { S_IFLNK, "symbolic link" },
                  { S_IFSOCK, "socket" } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if ((st->mode & S_IFMT) == types[i].type)
            return types[i].name;
    return st->size ? "regular file" : "regular empty file";
}

/* exact: the bits of vfs_stat.exact that say that it was set. */
static const char *time_text(const struct stating *s, int64_t when, unsigned exact)
{
    struct date_time t;
    char offset[16];
    local_time(s->p, when, &t);
    return memory_print(proc_memory(s->p), "%lld-%02d-%02d %02d:%02d:%02d.%09u %s",
                        (long long)t.year, t.month + 1, t.day, t.hour, t.minute, t.second,
                        s->st.exact & exact ? 0 : stat_nanoseconds(s->p, &s->st, when),
                        local_offset(&t, offset));
}

static const char *user_name(const struct stating *s)
{
    const char *name = proc_user(s->p, s->st.uid);
    return name ? name : "UNKNOWN";
}

static const char *group_name(const struct stating *s)
{
    const char *name = proc_group(s->p, s->st.gid);
    return name ? name : "UNKNOWN";
}

/* 'l' -> 'f' of a link, else the name as it is. */
static const char *name_and_target(const struct stating *s)
{
    char *target;
    if (!S_ISLNK(s->st.mode) || proc_readlink(s->p, s->path, &target) < 0)
        return s->path;
    return memory_print(proc_memory(s->p), "'%s' -> '%s'", s->path, target);
}

static uint32_t block_size(const struct stating *s)
{
    const struct vfs_mount *m = vfs_mount_at(proc_vfs(s->p), s->st.mount);
    return m && strcmp(m->type, "proc") == 0 ? 1024 : 4096;
}

/* clang-format off */
static void put_file_text(const struct stating *s, const struct spec *f, char letter)
{
    const struct vfs_stat *st = &s->st;
    char mode[11];
    switch (letter) {
    case 'n': put_text(s->p, f, s->path); break;
    case 'N': put_text(s->p, f, name_and_target(s)); break;
    case 'A': put_text(s->p, f, mode_text(st->mode, mode)); break;
    case 'F': put_text(s->p, f, type_name(st)); break;
    case 'U': put_text(s->p, f, user_name(s)); break;
    case 'G': put_text(s->p, f, group_name(s)); break;
    case 'x': put_text(s->p, f, time_text(s, st->atime, 1)); break;
    case 'y': put_text(s->p, f, time_text(s, st->mtime, 2)); break;
    case 'z': put_text(s->p, f, time_text(s, st->ctime, 0)); break;
    default: put_text(s->p, f, (char[]){ letter, '\0' }); break;
    }
}

static void put_file(const struct stating *s, const struct spec *f, char letter)
{
    const struct vfs_stat *st = &s->st;
    switch (letter) {
    case 'd': put_number(s->p, f, stat_device(s->p, st->mount), 'u'); break;
    case 'D': put_number(s->p, f, stat_device(s->p, st->mount), 'x'); break;
    case 'i': put_number(s->p, f, st->ino, 'u'); break;
    case 'a': put_number(s->p, f, st->mode & 07777, 'o'); break;
    case 'f': put_number(s->p, f, st->mode, 'x'); break;
    case 'h': put_number(s->p, f, st->links, 'u'); break;
    case 'u': put_number(s->p, f, st->uid, 'u'); break;
    case 'g': put_number(s->p, f, st->gid, 'u'); break;
    case 't': put_number(s->p, f, st->major, 'x'); break;
    case 'T': put_number(s->p, f, st->minor, 'x'); break;
    case 's': put_number(s->p, f, st->size, 'u'); break;
    case 'B': put_number(s->p, f, 512, 'u'); break;
    case 'b': put_number(s->p, f, st->blocks, 'u'); break;
    case 'o': put_number(s->p, f, block_size(s), 'u'); break;
    case 'X': put_number(s->p, f, (uint64_t)st->atime, 'd'); break;
    case 'Y': put_number(s->p, f, (uint64_t)st->mtime, 'd'); break;
    case 'Z': put_number(s->p, f, (uint64_t)st->ctime, 'd'); break;
    default: put_file_text(s, f, letter); break;
    }
}

static void put_space(const struct stating *s, const struct spec *f, char letter)
{
    const struct mount_space *m = &s->space;
    uint64_t total = m->size / m->block, available = m->size > m->used ? (m->size - m->used) / m->block : 0;
    switch (letter) {
    case 'n': put_text(s->p, f, s->path); break;
    case 'T': put_text(s->p, f, m->kind); break;
    case 'i': put_number(s->p, f, m->id, 'x'); break;
    case 'l': put_number(s->p, f, 255, 'u'); break;
    case 't': put_number(s->p, f, m->magic, 'x'); break;
    case 'b': put_number(s->p, f, total, 'u'); break;
    case 'f':
    case 'a': put_number(s->p, f, available, 'u'); break;
    case 's':
    case 'S': put_number(s->p, f, m->block, 'u'); break;
    case 'c': put_number(s->p, f, m->nodes, 'u'); break;
    case 'd': put_number(s->p, f, m->nodes - m->nodes_used, 'u'); break;
    default: put_text(s->p, f, (char[]){ letter, '\0' }); break;
    }
}

/* clang-format on */

static size_t read_digits(const char **format)
{
    size_t n = 0;
    for (; **format >= '0' && **format <= '9'; ++*format)
        if (n < WIDTH_MOST)
            n = n * 10 + (size_t)(**format - '0');
    return n < WIDTH_MOST ? n : WIDTH_MOST;
}

static struct spec read_spec(const char **format)
{
    struct spec f = { .precision = SIZE_MAX };
    for (; **format && strchr("#-+ 0I", **format); ++*format) {
        f.left |= **format == '-';
        f.zeros |= **format == '0';
        f.alternative |= **format == '#';
    }
    f.width = read_digits(format);
    if (**format == '.') {
        ++*format;
        f.precision = read_digits(format);
    }
    *format += strspn(*format, "#-+.I 0123456789");
    return f;
}

/* false: it ended in a lone %, after which the reference puts no end of line. */
static bool put_by(const struct stating *s, const char *format)
{
    while (*format) {
        size_t n = strcspn(format, "%");
        out_put(s->p, format, n);
        format += n;
        if (!*format)
            return true;
        format++;
        struct spec f = read_spec(&format);
        if (!*format || *format == '%')
            out_char(s->p, '%');
        else if (s->bits & FILE_SYSTEM)
            put_space(s, &f, *format);
        else
            put_file(s, &f, *format);
        if (!*format)
            return false;
        format++;
    }
    return true;
}

static const char *format_of(const struct stating *s)
{
    if (s->bits & FILE_SYSTEM)
        return s->bits & TERSE
                   ? "%n %i %l %t %s %b %f %a %c %d\n"
                   : "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s\n"
                     "Blocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: "
                     "%d\n";
    if (s->bits & TERSE)
        return "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o\n";
    return S_ISCHR(s->st.mode) || S_ISBLK(s->st.mode)
               ? "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: "
                 "%Dh/%dd\tInode: %-10i  Links: %-5h "
               : "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: "
                 "%Dh/%dd\tInode: %-10i  Links: %h\n";
}

static void show(const struct stating *s)
{
    (void)put_by(s, format_of(s));
    if (s->bits & (FILE_SYSTEM | TERSE))
        return;
    if (S_ISCHR(s->st.mode) || S_ISBLK(s->st.mode))
        out_print(s->p, "Device type: %x,%x\n", s->st.major, s->st.minor);
    char mode[11];
    out_print(s->p, "Access: (%04o/%s)  Uid: (%5u/%8s)   Gid: (%5u/%8s)\n", s->st.mode & 07777,
              mode_text(s->st.mode, mode), s->st.uid, user_name(s), s->st.gid, group_name(s));
    out_print(s->p, "Access: %s\nModify: %s\nChange: %s\n", time_text(s, s->st.atime, 1),
              time_text(s, s->st.mtime, 2), time_text(s, s->st.ctime, 0));
}

static int look(struct stating *s)
{
    int e = s->bits & (FOLLOW | FILE_SYSTEM) ? proc_stat(s->p, s->path, &s->st)
                                             : proc_lstat(s->p, s->path, &s->st);
    if (e < 0) {
        proc_perror(s->p, e,
                    s->bits & FILE_SYSTEM ? "can't read file system information for '%s'"
                                          : "can't stat '%s'",
                    s->path);
        return 1;
    }
    const struct vfs_mount *m = vfs_mount_at(proc_vfs(s->p), s->st.mount);
    if (s->bits & FILE_SYSTEM && m) {
        struct vfs_mount copy = *m;
        s->space = mount_space(s->p, &copy);
    }
    return 0;
}

static int once(struct proc *p, int argc, char **argv)
{
    const char *format = NULL;
    struct stating s = { .p = p };
    s.bits = options_bits(p, argc, argv, "c:fLt", &argv, &format);
    if (!*argv)
        proc_usage(p);
    int status = 0;
    for (; *argv; argv++) {
        s.path = *argv;
        if (look(&s)) {
            status = 1;
            continue;
        }
        if (format) {
            if (put_by(&s, format))
                out_char(p, '\n');
        } else {
            show(&s);
        }
    }
    return status;
}

const struct applet applet_stat = { .name = "stat", .once = once };
