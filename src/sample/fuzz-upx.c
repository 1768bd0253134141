/* UPX's headers: the first byte tells the byte order, the next two where they are looked for; the rest is the file. */
#include "sample/upx.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD = 3 };
    struct sample_report r;
    struct rd in = rd_init(data, size);
    bool big = rd_u8(&in) & 1;
    uint64_t after = rd_le16(&in);
    if (!rd_ok(&in))
        return 0;
    sample_report_init(&r);
    if (upx_tell(data + HEAD, size - HEAD, big, after, &r))
        abort();
    /* Who tells of a packer says why, and the other way round. */
    if ((r.word[WORD_PACKER][0] != '\0') != (r.findings == 1))
        abort();
    sample_report_release(&r);
    return 0;
}
