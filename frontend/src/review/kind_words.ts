/** What a kind of entity is called (图元类型): the words people use, in both languages. */

import { t } from "../site/language";

/** The kinds people have a word for; others keep the name the file gives them. */
export function kindWord(type: string): string {
  switch (type) {
    case "LINE": return t("直线", "Line");
    case "LWPOLYLINE": case "POLYLINE": return t("多段线", "Polyline");
    case "CIRCLE": return t("圆", "Circle");
    case "ARC": return t("圆弧", "Arc");
    case "ELLIPSE": return t("椭圆", "Ellipse");
    case "SPLINE": return t("样条曲线", "Spline");
    case "TEXT": return t("单行文字", "Text");
    case "MTEXT": return t("多行文字", "Text block");
    case "INSERT": return t("图块", "Block reference");
    case "HATCH": return t("填充", "Hatch");
    case "DIMENSION": return t("标注", "Dimension");
    case "ATTRIB": return t("块属性", "Block attribute");
    case "SOLID": case "TRACE": return t("实心面", "Solid");
    case "POINT": return t("点", "Point");
    case "RAY": case "XLINE": return t("构造线", "Construction line");
    case "MLINE": return t("多线", "Multiline");
    case "LEADER": case "MULTILEADER": return t("引线", "Leader");
    case "ACAD_TABLE": return t("表格", "Table");
    case "TOLERANCE": return t("形位公差", "Tolerance");
    case "IMAGE": return t("图像", "Image");
    case "WIPEOUT": return t("遮罩", "Wipeout");
    case "VIEWPORT": return t("视口", "Viewport");
    case "3DFACE": return t("三维面", "3D face");
    case "MESH": case "REGION": case "BODY": case "3DSOLID": case "SURFACE": return t("三维实体", "3D solid");
    case "ACAD_PROXY_ENTITY": return t("代理对象", "Proxy object");
    case "CELL": return t("画面", "Picture");
    case "WORD": return t("文字", "Text");
    case "PATH": return t("PDF 路径", "PDF path");
    default: return type.startsWith("TCH_") ? t("天正对象", "Tianzheng object") : type.startsWith("AEC_") ? t("建筑对象", "AEC object") : "";
  }
}
