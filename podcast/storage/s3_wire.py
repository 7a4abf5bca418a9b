"""PUT and HEAD of one object, by the parts of botocore that matter: its addresses, signer, connections, and rules of asking again.

A method of its client does much more for each call (looks at the parameters, chooses the address anew, reads every header): near
twice the time of the processor, in which no other upload goes on.
"""

import time
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from .body import Window

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from types_boto3_s3 import S3Client

_METHODS = {"PutObject": "PUT", "HeadObject": "HEAD"}


class Wire:
    """The way to the objects of one bucket, with the connections, keys and region of a client."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client: Any = client  # Three of its parts bear no public name: they go by SLF001 below.
        self._bucket = bucket
        #: The bucket's address, and what the signer must know of it.
        self._found: tuple[str, dict[str, Any]] | None = None

    def ask(self, operation: str, name: str, headers: Mapping[str, str] | None = None, body: Window | None = None) -> Mapping[str, str]:
        """Make a request, and again where that may help; return the headers of the answer. Raises botocore's exceptions."""
        model = self._client.meta.service_model.operation_model(operation)
        request = self._request(model, name, headers or {}, body)
        answer, parsed = self._answered(model, request)
        self._emit("after-call", model, http_response=answer, parsed=parsed, model=model, context=request["context"])
        if answer.status_code >= 300:
            raise self._client.exceptions.from_code(parsed["Error"].get("Code"))(parsed, operation)
        told: Mapping[str, str] = answer.headers
        return told

    def _answered(self, model: "OperationModel", request: dict[str, Any]) -> tuple["AWSResponse", dict[str, Any]]:
        """Return the last answer, and what it says where that must be looked into."""
        for attempt in count(1):
            answer: Any = self._send(model, request)
            if not (failed := isinstance(answer, Exception)) and answer.status_code < 300 and not answer.content:
                break
            self._found = None  # The answer may tell of another region, which botocore then remembers.
            parsed = {} if failed else self._parsed(model, answer)
            pause = self._pause(model, attempt, request, None if failed else (answer, parsed), answer if failed else None)
            if pause is not None:
                time.sleep(pause)
            elif failed:
                raise answer
            else:
                return answer, parsed
        return answer, {}

    def _request(self, model: "OperationModel", name: str, headers: Mapping[str, str], body: Window | None) -> dict[str, Any]:
        """Describe a request as botocore does. Names of ours need no quoting."""
        params = {"Bucket": self._bucket, "Key": name}
        if not (found := self._found):
            known = {"client_region": self._client.meta.region_name, "client_config": self._client.meta.config}
            address, *_ = self._client._resolve_endpoint_ruleset(model, params, known)  # noqa: SLF001
            found = self._found = address, known
        redirect = {"redirected": False, "bucket": self._bucket, "params": params}
        context = {**found[1], "has_streaming_input": model.has_streaming_input, "s3_redirect": redirect}
        headers = {"User-Agent": self._client.meta.config.user_agent, **headers}
        return {"method": _METHODS[model.name], "url": f"{found[0]}/{name}", "headers": headers, "body": body, "context": context}

    def _send(self, model: "OperationModel", request: dict[str, Any]) -> object:
        """Return the answer, or what went wrong on the way."""
        from botocore.awsrequest import create_request_object

        if request["body"]:
            request["body"].seek(0)
        signed = create_request_object(request)
        self._client._request_signer.sign(model.name, signed)  # noqa: SLF001
        ready = signed.prepare()
        self._emit("before-send", model, request=ready)
        try:
            return self._client._endpoint.http_session.send(ready)  # noqa: SLF001
        except Exception as exc:  # noqa: BLE001  Which of them is worth another attempt, botocore knows.
            return exc

    def _parsed(self, model: "OperationModel", answer: "AWSResponse") -> dict[str, Any]:
        from botocore.endpoint import convert_to_response_dict
        from botocore.parsers import create_parser

        told = convert_to_response_dict(answer, model)
        self._emit("before-parse", model, operation_model=model, response_dict=told, customized_response_dict={})
        parsed: dict[str, Any] = create_parser(model.service_model.resolved_protocol).parse(told, model.output_shape)
        return parsed

    def _pause(
        self, model: "OperationModel", attempt: int, request: dict[str, Any], answer: object, error: Exception | None
    ) -> float | None:
        """Return the seconds until the next attempt, or None where there is to be none."""
        facts = {"response": answer, "endpoint": None, "operation": model, "request_dict": request}
        pause = self._emit("needs-retry", model, attempts=attempt, caught_exception=error, **facts)
        return None if pause is False else pause

    def _emit(self, event: str, to: "OperationModel", **facts: object) -> float | None:
        """Let the client's handlers know, botocore's and ours; return what the first says."""
        from botocore.hooks import first_non_none_response

        said: float | None = first_non_none_response(self._client.meta.events.emit(f"{event}.s3.{to.name}", **facts))
        return said
