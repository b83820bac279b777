"""The tag that lets a Chinese sentence stand on several lines, on pages and in printed documents."""

import re

from django import template
from django.template import Context
from django.template.base import NodeList, Parser, TextNode, Token
from django.utils.safestring import SafeString

register = template.Library()


class Joined(template.Node):
    """What stands between the tags, its lines already joined."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


@register.tag
def joined(parser: Parser, token: Token) -> Joined:
    """``{% joined %}…{% endjoined %}``: one sentence on several lines, without the blanks of a line break.

    Chinese is written without blanks, so a sentence of many parts could otherwise stand on one line only.
    What the variables hold stays as it is.
    """
    inner = parser.parse(("endjoined",))
    parser.delete_first_token()
    for node in inner.get_nodes_by_type(TextNode):
        if not isinstance(node, TextNode):
            continue
        node.s = re.sub(r"[ \t]*\n[ \t]*", "", node.s)
    return Joined(inner)
