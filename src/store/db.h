#pragma once
/*
 * A thin layer over SQLite for the files of this room; the only user of sqlite3.h is store/sqlite.c.
 *
 * Statements are prepared once and kept by their text's address: pass string literals. Binding is by
 * position from 1, columns from 0. Text and blobs that a column gives are borrowed until the next step
 * or db_done().
 */
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct stmt;

enum db_mode { DB_WRITE, DB_READ };

/*
 * Where SQLite says no, its words are in db_why().
 *
 *   passing: the same again may go well later. -ENOSPC (no room, for the log too), -EROFS (the disk was made
 *   read-only), -EIO, -EBUSY (others hold it for longer than 20 seconds), -EMFILE, -ENOMEM
 *   -EUCLEAN: the file is damaged, and stays so
 *   -ENOENT (reading: no such store), -EACCES, -ETIMEDOUT (db_limit())
 */
int must_check db_open(struct db **ret, const char *path, enum db_mode mode);
void db_close(struct db *d);
const char *db_why(const struct db *d);

/* Whether a write-ahead log was there that could not be read. */
bool db_is_partial(const struct db *d);

int must_check db_exec(struct db *d, const char *sql);
/* Ends a transaction without effect, if SQLite has not done so itself; keeps db_why(). */
void db_rollback(struct db *d);
/* Whether BEGIN still holds: where the disk gives an error SQLite ends the transaction, of readers, too. */
bool db_in_transaction(const struct db *d);

/* Copies the write-ahead log into the file and cuts it to nothing. -EBUSY where others still read what is in
 * it: they are not waited for, since writers would have to wait, too. */
int must_check db_empty_log(struct db *d);

/* A prepared statement, reset and unbound; NULL on trouble, which db_status() then holds. */
struct stmt *db_stmt(struct db *d, const char *sql);
int must_check db_status(const struct db *d);
void db_bind_int(struct stmt *s, int at, int64_t v);
void db_bind_text(struct stmt *s, int at, const char *text);
/* Borrowed until the statement is done. */
void db_bind_blob(struct stmt *s, int at, const void *data, size_t n);
/* 1: a row; 0: no more (the statement is reset); negative: trouble. NULL statements give the trouble that
 * db_stmt() had. */
int must_check db_step(struct db *d, struct stmt *s);
/* Runs a statement that gives no row. */
int must_check db_run(struct db *d, struct stmt *s);
void db_done(struct stmt *s); /* resets early; NULL is fine */

/* The first column of a statement's first row, 0 where there is none. 0 or trouble; the statement is reset. */
int must_check db_number(struct db *d, struct stmt *s, int64_t *ret);
/* The first column of every row; *ret is the caller's to free, also after trouble. */
int must_check db_numbers(struct db *d, struct stmt *s, int64_t **ret, size_t *ret_n);

int64_t db_int(struct stmt *s, int column);
bool db_is_null(struct stmt *s, int column);
const char *db_text(struct stmt *s, int column); /* "" for NULL */
const void *db_blob(struct stmt *s, int column, size_t *ret_n);
int64_t db_last_id(struct db *d);
/* Rows that the last statement changed. */
int64_t db_changes(struct db *d);

/* From here on steps give -ETIMEDOUT once *cancel is set or the monotonic clock (time_mono()) passes
 * deadline; 0 and NULL: never. */
void db_limit(struct db *d, uint64_t deadline, const volatile bool *cancel);
