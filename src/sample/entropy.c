#include "sample/entropy.h"

#include <math.h>
#include <string.h>

/* Four tables at once: the same byte twice in a row need not wait for its own count. */
uint16_t entropy(const void *data, size_t n)
{
    uint32_t count[4][256];
    const uint8_t *at = data;
    size_t i = 0;
    if (n == 0)
        return 0;
    memset(count, 0, sizeof count);
    for (; i + 4 <= n; i += 4) {
        count[0][at[i]]++;
        count[1][at[i + 1]]++;
        count[2][at[i + 2]]++;
        count[3][at[i + 3]]++;
    }
    for (; i < n; i++)
        count[0][at[i]]++;
    double sum = 0;
    for (int b = 0; b < 256; b++) {
        double c = (double)count[0][b] + count[1][b] + count[2][b] + count[3][b];
        if (c > 0)
            sum += c * log2(c);
    }
    double bits = log2((double)n) - sum / (double)n;
    return (uint16_t)(bits <= 0 ? 0 : bits >= 8 ? 800 : bits * 100 + 0.5);
}
