rule dropper_echo
{
    meta:
        description = "A program that is written by echo or printf, byte by byte as escapes"
    strings:
        $elf_hex = /(echo|printf)[^\n]{0,64}\\x7f(\\x45|E)(\\x4c|L)(\\x46|F)/ nocase
        $elf_octal = /(echo|printf)[^\n]{0,64}\\0?177(E|\\0?105)(L|\\0?114)(F|\\0?106)/
    condition:
        any of them
}

rule dropper_base64_elf
{
    meta:
        description = "A program in base64 within a text: what begins with ELF's magic begins so"
    strings:
        $start = /f0VMR[gQ][EIM][BC]A[QA]/
        $decode = "base64 -d"
    condition:
        uint32(0) != 0x464c457f and $start and $decode
}
