"""The closed list of answers to a file that cannot be accepted (拒收代码), as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One refusal in plain words: what is wrong and what to do, Chinese and English."""

    zh: str
    en: str
    do_zh: str
    do_en: str


ANSWERS: dict[str, Answer] = {
    "E_TYPE": Answer(
        "文件不是可识别的 DWG、DXF 或 PDF 图纸，或者扩展名与内容不符。",
        "The file is not a DWG, DXF or PDF drawing that can be recognised, or its name does not fit its content.",
        "请用 CAD 软件另存为 DWG（2000 至 2018 版）、DXF，或打印成 PDF 后重新上传。",
        "Save it from the CAD program as DWG (2000 to 2018), DXF, or print it to PDF, and upload again.",
    ),
    "E_SIZE": Answer(
        "文件太大或为空。",
        "The file is too large or empty.",
        "单个文件不超过 200 MB；请清理（PURGE）或按专业、楼层拆分后上传。",
        "A file may have 200 MB at most. Purge it, or split it by discipline or storey.",
    ),
    "E_TRUNCATED": Answer(
        "文件不完整，后半部分缺失。",
        "The file is incomplete: its end is missing.",
        "通常是传输或复制中断造成的。请在 CAD 软件中打开原文件确认完整，再重新上传。",
        "Usually a copy or a transfer was cut off. Open the original to see that it is whole, then upload again.",
    ),
    "E_DAMAGED": Answer(
        "文件已损坏，无法可靠读取。",
        "The file is damaged and cannot be read reliably.",
        "请在 CAD 软件中执行“修复”（RECOVER、AUDIT）并检查内容后另存，再上传。",
        "Repair it in the CAD program (RECOVER, AUDIT), check the content, save it and upload again.",
    ),
    "E_LOSS": Answer(
        "读取时会丢失部分图元，因此不予接收。",
        "Part of the drawing would be lost in reading, therefore it is not accepted.",
        "请在 CAD 软件中执行 AUDIT 修复重复或错误的对象，检查后另存，再上传。",
        "Run AUDIT in the CAD program to mend repeated or wrong objects, check, save and upload again.",
    ),
    "E_ENCRYPTED": Answer(
        "文件有密码保护，无法打开。",
        "The file is protected by a password and cannot be opened.",
        "请取消密码后重新上传。",
        "Remove the password and upload again.",
    ),
    "E_ACTIVE": Answer(
        "文件含有脚本、自动运行命令或嵌入的附件，出于安全不予接收。",
        "The file holds scripts, commands that start by themselves or embedded files, and is refused for safety.",
        "请用“打印到 PDF”方式重新生成，不要附带脚本、表单程序或附件。",
        "Make it anew by printing to PDF, without scripts, form programs or attachments.",
    ),
    "E_POLYGLOT": Answer(
        "文件同时伪装成多种格式，出于安全不予接收。",
        "The file pretends to be of several formats at once and is refused for safety.",
        "请用 CAD 软件重新导出后上传。",
        "Export it anew from the CAD program and upload again.",
    ),
    "E_PAGES": Answer(
        "页数过多、为零，或者页面目录有错。",
        "There are too many pages, none, or the list of pages is wrong.",
        "单个 PDF 不超过 2000 页，请拆分；页面目录出错时请重新打印成 PDF。",
        "A PDF may have 2,000 pages at most: split it. If its list of pages is wrong, print it to PDF again.",
    ),
    "E_PAGE_SIZE": Answer(
        "图幅尺寸超出范围。",
        "The size of a page is out of range.",
        "请按标准图幅（A4 至加长 A0）重新出图。",
        "Plot it again on a standard size of paper (A4 to lengthened A0).",
    ),
    "E_IMAGE": Answer(
        "图中有过大的或损坏的光栅图像。",
        "The drawing holds a raster picture that is too large or damaged.",
        "请把图像压缩到 2500 万像素以内，重新插入后上传。",
        "Reduce the picture to 25 megapixels at most, insert it again and upload.",
    ),
    "E_OBJECTS": Answer(
        "图元数量超出上限。",
        "There are more objects than the limit.",
        "请清理无用对象，或按区域、楼层拆分后上传。",
        "Remove what is not needed, or split the drawing by area or storey.",
    ),
    "E_EMPTY": Answer(
        "图纸是空的，没有任何可以显示的内容。",
        "The drawing is empty: there is nothing to show.",
        "请确认保存的是正确的文件，再上传。",
        "See that the right file was saved, and upload again.",
    ),
    "E_LINE": Answer(
        "DXF 文件中有过长的文本行。",
        "The DXF file has a line of text that is too long.",
        "请用 CAD 软件重新导出 DXF，或改传 DWG。",
        "Export the DXF again, or upload the DWG instead.",
    ),
    "E_NUMBER": Answer(
        "图中有无效的数值（非数字、无穷大或格式错误）。",
        "The drawing holds invalid numbers (not a number, infinite, or badly written).",
        "请在 CAD 软件中执行 AUDIT，删除错误对象后另存，再上传。",
        "Run AUDIT in the CAD program, delete the wrong objects, save and upload again.",
    ),
    "E_COORD": Answer(
        "图中有坐标或尺寸远超合理范围的对象。",
        "The drawing holds objects whose coordinates or sizes are far out of range.",
        "请用 ZOOM 范围缩放找到远处的对象并删除，再上传。",
        "Zoom to the extents, find the far objects and delete them, then upload again.",
    ),
    "E_DASH": Answer(
        "线型或填充图案的比例过小，会产生海量短线。",
        "The scale of a line type or of a hatch pattern is so small that it gives countless dashes.",
        "请检查 LTSCALE、线型比例和填充比例，调整后重新上传。",
        "Check LTSCALE, line type scales and hatch scales, correct them and upload again.",
    ),
    "E_EXPAND": Answer(
        "图块逐级嵌套，展开后的图元数量超出上限。",
        "Blocks nested in blocks expand to more objects than the limit.",
        "请检查嵌套图块和阵列块的数量，清理后重新上传。",
        "Check nested blocks and arrays of blocks, clean them up and upload again.",
    ),
    "E_CYCLE": Answer(
        "图块引用了自身，形成循环。",
        "A block refers to itself in a circle.",
        "请在 CAD 软件中执行 AUDIT 修复图块定义后另存，再上传。",
        "Run AUDIT in the CAD program to mend the block definitions, save and upload again.",
    ),
    "E_DEPTH": Answer(
        "图块嵌套层数过深（超过 64 层）。",
        "Blocks are nested too deeply (more than 64 levels).",
        "请分解部分图块后重新上传。",
        "Explode some of the blocks and upload again.",
    ),
    "E_TIMEOUT": Answer(
        "处理用时超出上限，已停止。",
        "Processing took longer than the limit and was stopped.",
        "请清理过密的填充和无用对象，或拆分后重新上传。",
        "Remove dense hatches and objects that are not needed, or split the drawing, and upload again.",
    ),
    "E_MEMORY": Answer(
        "处理所需内存超出上限，已停止。",
        "Processing needed more memory than the limit and was stopped.",
        "请清理过密的填充和过大的图像，或拆分后重新上传。",
        "Remove dense hatches and large pictures, or split the drawing, and upload again.",
    ),
    "E_VIRUS": Answer(
        "安全检查发现恶意代码。",
        "The security check found malicious code.",
        "请查杀病毒后重新导出图纸再上传。",
        "Clean the computer of viruses, export the drawing again and upload.",
    ),
    "E_INTERNAL": Answer(
        "系统处理此文件时出错，已记录，技术人员会跟进。",
        "The system failed on this file. The case is recorded and will be looked into.",
        "可稍后重试，或改传 PDF、DXF 格式。",
        "Try again later, or upload it as PDF or DXF.",
    ),
}
CODES: frozenset[str] = frozenset(ANSWERS)


class Refusal(Exception):
    """A file is not accepted: one code of the closed list, and a detail of this file in both languages."""

    def __init__(self, code: str, zh: str = "", en: str = "") -> None:
        if code not in ANSWERS:
            raise ValueError(code)
        self.code = code
        self.detail_zh = zh
        self.detail_en = en or zh
        super().__init__(f"{code}: {self.message('en')}")

    def message(self, language: str = "zh") -> str:
        """What is wrong, in plain words; `language` starts with "zh" or is taken as English."""
        answer = ANSWERS[self.code]
        if language.startswith("zh"):
            return answer.zh + (f"（{self.detail_zh}）" if self.detail_zh else "")
        return answer.en + (f" ({self.detail_en})" if self.detail_en else "")

    def next_step(self, language: str = "zh") -> str:
        """What the uploader can do about it."""
        answer = ANSWERS[self.code]
        return answer.do_zh if language.startswith("zh") else answer.do_en

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form, also what crosses the process boundary."""
        return {
            "verdict": "refused",
            "code": self.code,
            "detail": {"zh": self.detail_zh, "en": self.detail_en},
            "message": self.message("zh"),
            "message_en": self.message("en"),
            "next_step": self.next_step("zh"),
            "next_step_en": self.next_step("en"),
        }


STEPS: dict[str, tuple[str, str]] = {
    "start": ("准备安全环境", "Preparing the sandbox"),
    "sniff": ("识别文件类型", "Recognising the file"),
    "read": ("读取图纸", "Reading the drawing"),
    "check": ("检查内容", "Checking the content"),
    "draw": ("绘制图形", "Drawing"),
    "write": ("写入图幅", "Writing the sheets"),
    "tiles": ("生成图像", "Making pictures"),
    "done": ("完成", "Done"),
}
"""Names of the steps that `on_progress(percent, step)` reports: code -> (Chinese, English)."""
