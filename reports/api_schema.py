"""The OpenAPI 3.1 document: every status a reader may meet, codes with their Chinese meaning."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.request import Request

from liaison.web.api_base import ActorPermission
from liaison.words.labelled import LabelledEnum


class ErrorAnswer(serializers.Serializer[Any]):
    """What every refusal looks like."""

    detail = serializers.CharField(label="原因", help_text="一句中文说明。")


REFUSALS = {
    400: OpenApiResponse(OpenApiTypes.OBJECT, description="查询参数有误，逐项说明原因。"),
    403: OpenApiResponse(ErrorAnswer, description="未登录，或者当前职务不能查阅。"),
    404: OpenApiResponse(ErrorAnswer, description="没有这条记录（这一页），或者它不在管辖范围内。"),
    406: OpenApiResponse(ErrorAnswer, description="只提供 JSON 格式。"),
    429: OpenApiResponse(ErrorAnswer, description="请求过于频繁，见 Retry-After。"),
}


class ReadSchema(AutoSchema):
    """Adds the refusals to what the serializer says."""

    def get_response_serializers(self) -> Any:
        return {200: super().get_response_serializers(), **REFUSALS}

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """The name of the record instead of the class's English docstring."""
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        model = getattr(getattr(serializer, "Meta", None), "model", None)
        schema["description"] = str(model._meta.verbose_name) if model else "拒绝的原因"
        return schema


class CodeField(serializers.CharField):
    """A code of one of our enums; the schema lists each code with what it means."""

    def __init__(self, kind: type[LabelledEnum], **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)
        self.kind = kind


class CodeFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """``oneOf`` with ``const`` and ``title``: the way of OpenAPI 3.1 to give a code its words."""

    target_class = "reports.api_schema.CodeField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        codes = [{"const": member.value, "title": member.label} for member in self.target.kind]
        return {"type": "string", "oneOf": [*codes, {"const": "", "title": "未填写"}]}


class SchemaView(SpectacularAPIView):
    """The document for the acting appointment: only what it may ask for."""

    permission_classes = (ActorPermission,)

    def _get_filename(self, request: Request, version: str) -> str:
        renderer, _ = self.perform_content_negotiation(request, force=True)
        return f"openapi.{renderer.format}"
