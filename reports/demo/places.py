"""The part of the jurisdiction tree the demo year plays in."""

from liaison.models import Jurisdiction
from liaison.words.enums import JurisdictionLevel as Level

# short name: full name, level, official code, scope code, width, parent, 机关代字, organ
_TREE: tuple[tuple[str, str, Level, str, int, int, str, str, str], ...] = (
    ("全国", "中华人民共和国", Level.NATION, "000000", 0, 10**12, "", "", "全国人大常委会"),
    ("山西省", "山西省", Level.PROVINCE, "140000", 140000000000, 10**10, "全国", "晋人常", "山西省人大常委会"),
    ("晋中市", "晋中市", Level.PREFECTURE, "140700", 140700000000, 10**8, "山西省", "市人常", "晋中市人大常委会"),
    ("榆次区", "晋中市榆次区", Level.COUNTY, "140702", 140702000000, 10**6, "晋中市", "榆人常", "榆次区人大常委会"),
    ("平遥县", "晋中市平遥县", Level.COUNTY, "140728", 140728000000, 10**6, "晋中市", "平人常", "平遥县人大常委会"),
    ("庄子乡", "榆次区庄子乡", Level.TOWNSHIP, "140702202", 140702202000, 10**3, "榆次区", "庄人主", "庄子乡人大主席团"),
    ("长凝镇", "榆次区长凝镇", Level.TOWNSHIP, "140702103", 140702103000, 10**3, "榆次区", "长人主", "长凝镇人大主席团"),
    ("新华街道", "榆次区新华街道", Level.STREET, "140702003", 140702003000, 10**3, "榆次区", "新人工", "榆次区人大常委会新华街道工作委员会"),
    ("洪善镇", "平遥县洪善镇", Level.TOWNSHIP, "140728103", 140728103000, 10**3, "平遥县", "洪人主", "洪善镇人大主席团"),
)  # fmt: skip

VILLAGES = {
    "庄子乡": (
        "东庄村", "西庄村", "上庄村", "下庄村", "杨坡村", "河口村", "石门村", "柳沟村", "南寨村", "北寨村", "东湾村",
        "桥头村", "牛村", "前沟村", "后沟村",
    ),
    "洪善镇": (
        "东街村", "西街村", "南关村", "北关村", "洪善村", "新营村", "沿村", "侯郭村", "兴盛村", "南长村", "白城村",
        "郝家村", "尹村", "京陵村", "西游驾村", "马壁村", "苏村", "道备村", "郭村", "东大闫村",
    ),
    "新华街道": ("锦绣社区", "龙湖社区", "汇通社区"),
}  # fmt: skip


def build_tree() -> dict[str, Jurisdiction]:
    """Create what is missing; returns the places by short name, villages included."""
    places: dict[str, Jurisdiction] = {}
    for short, name, level, official, scope, width, parent, code, organ in _TREE:
        places[short], _ = Jurisdiction.objects.get_or_create(
            scope_code=scope,
            defaults={
                "name": name,
                "short_name": short,
                "level": level,
                "official_code": official,
                "scope_end": scope + width,
                "parent": places.get(parent),
                "document_code": code,
                "organ_name": organ,
            },
        )
    for short, names in VILLAGES.items():
        for number, name in enumerate(names, start=201):
            places[name] = _village(places[short], number, name)
    return places


def _village(township: Jurisdiction, number: int, name: str) -> Jurisdiction:
    scope = township.scope_code + number
    found, _ = Jurisdiction.objects.get_or_create(
        scope_code=scope,
        defaults={
            "name": f"{township.short_name}{name}",
            "short_name": name,
            "level": Level.VILLAGE,
            "official_code": str(scope),
            "scope_end": scope + 1,
            "parent": township,
        },
    )
    return found
