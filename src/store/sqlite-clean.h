#pragma once
/*
 * The layer between SQLite and its files.
 *
 * It remembers why the system refused to write: SQLite tells "disk I/O error" of a full quota, of a disk that
 * was made read-only and of one that breaks.
 *
 * And pages have no rests: SQLite zeroes what is deleted (PRAGMA secure_delete), but where it moves rows from one
 * page to another, copies stay in what is then the free middle of a page, and would outlive their rows. Here
 * that part is zeroed on the way of each page into the database file.
 */
#include <stddef.h>
#include <stdint.h>

/* Its name, for sqlite3_open_v2(). */
const char *clean_vfs(void);
/* The errno of the last refusal in this thread, which is then forgotten; 0: none. */
int clean_errno(void);
/* Zeroes the free middle of a page of n bytes, the number-th of its file (from 1), where it has one. */
void clean_page(uint8_t *page, size_t n, uint64_t number);
