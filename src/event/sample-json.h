#pragma once
/*
 * A sample's report as JSON, into the object that is open: `sha256 size format cpu order bits abi linking stripped packer
 * family...`, what cannot be told null; then lists. Texts are a stranger's, written as base/json.h writes them.
 */
#include "base/json.h"
#include "event/sample.h"

void sample_json(struct json *j, const struct sample_report *r);
