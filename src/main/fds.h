#pragma once
/*
 * The descriptors that teiten-sense is started with.
 */
enum { FD_CHANNEL = 3, FD_INPUT = 4, FD_SIGNATURES = 5 };
