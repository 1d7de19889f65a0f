"""Chat completions of a server that speaks OpenAI's protocol (POST …/chat/completions), many at a time.

The key comes from the environment and appears nowhere else. OPTIONS: {"model" (null: the server's first), "base_url", "endpoint",
"response_path", "sampling_params", "api_key_env", "organization", "project", "headers", "query", "timeout", "max_retry_num", "retry_wait",
"concurrency", "requests_per_minute", "allow_failed"}.
"""

import asyncio
import itertools
import json
import os
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import Any

import httpx

from asking import Answer, Failure, GiveUp, Keep, Question, shown
from waiting import LONGEST_ASKED_S, Turns, backoff, seconds_asked

# As Data-Juicer's own client looks for them, the first that is set wins.
KEY_VARIABLES = ("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "SK")
URL_VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_URL", "DASHSCOPE_BASE_URL")
OPENAI = "https://api.openai.com/v1"

# Nobody's answer is longer; what is, is no answer.
MOST_BYTES = 32 << 20
MAY_PASS = (408, 409, 425, 429)
# Of these and of answers without a text it may be the sample that is at fault.
OF_SAMPLE = (400, 413, 422, 500)


class Unanswered(Exception):
    """A request without a usable answer. `again`: another may have one. `wait`: seconds that the server asks for. `of_sample`: other samples may fare better."""

    def __init__(self, why: str, *, again: bool = True, wait: float | None = None, of_sample: bool = False) -> None:
        super().__init__(why)
        self.again, self.wait, self.of_sample = again, wait, of_sample


def load(options: dict[str, Any]) -> "Api":
    return Api(options)


class Api:
    """One server and one model."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._key = _key(options["api_key_env"])
        base = (options["base_url"] or _first_of(URL_VARIABLES) or OPENAI).rstrip("/")
        endpoint = options["endpoint"] or "/chat/completions"
        self._base = _url(base)
        self._url = _url(endpoint if "://" in endpoint else f"{base}/{endpoint.lstrip('/')}")
        self._path = options["response_path"] or "choices.0.message.content"
        self._model = options["model"]
        self.notes: list[str] = []
        self.versions = {"httpx": version("httpx")}

    def answer(self, questions: Iterator[Question], keep: Keep) -> None:
        asyncio.run(self._answer(questions, keep))

    async def _answer(self, questions: Iterator[Question], keep: Keep) -> None:
        many = self._options["concurrency"]
        self._turns = Turns(self._options["requests_per_minute"])
        client = httpx.AsyncClient(
            headers=self._headers(),
            params=self._options["query"],
            timeout=self._options["timeout"],
            limits=httpx.Limits(max_connections=many, max_keepalive_connections=many),
            # A proxy has no business with a server of this machine.
            trust_env=self._url.host not in ("127.0.0.1", "localhost", "::1"),
        )
        async with client:
            if self._model is None:
                self._model = await self._first_model(client)
            self.notes.append(f"{self._model} at {_place(self._url)} was asked")
            ended = await asyncio.gather(*(self._work(client, questions, keep) for _ in range(many)), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def _work(self, client: httpx.AsyncClient, questions: Iterator[Question], keep: Keep) -> None:
        """Takes one question after the other, beside others that take from the same row. Once one gives up, the others end with the request that they have made."""
        try:
            for question in questions:
                answer = None if self._turns.is_over else await self._ask(client, question)
                if answer is None:
                    return
                keep(question, answer)
        except BaseException:
            self._turns.end()
            raise

    async def _ask(self, client: httpx.AsyncClient, question: Question) -> Answer | Failure | None:
        """None where another asker gave up before there was an answer."""
        most = self._options["max_retry_num"]
        for tried in itertools.count(1):
            await self._turns.turn()
            if self._turns.is_over:
                return None
            try:
                answer = await self._request(client, question)
                return answer._replace(requests=tried)
            except Unanswered as problem:
                times = "" if tried == 1 else f" (asked {tried} times)"
                if problem.wait is not None and problem.wait > LONGEST_ASKED_S:
                    raise GiveUp(f"{problem}; the server asks to wait {problem.wait:.0f} s{times}") from problem
                if not problem.again or tried > most:
                    if problem.of_sample and self._options["allow_failed"]:
                        return Failure(f"{problem}{times}")
                    advice = "; allow_failed_samples: true leaves such samples out" if problem.of_sample else ""
                    raise GiveUp(f"{question.place}: {problem}{times}{advice}") from problem
                wait = backoff(tried, self._options["retry_wait"])
                if problem.wait is not None:
                    self._turns.hold(problem.wait)
                    wait = max(wait, problem.wait)
                print(f"{question.place}: {problem}; asking again in {wait:.1f} s ({tried} of {most})", flush=True)
                await self._turns.wait(wait)
        raise AssertionError("the row of tries does not end")

    async def _request(self, client: httpx.AsyncClient, question: Question) -> Answer:
        body = {"model": self._model, "messages": question.messages, **self._options["sampling_params"]}
        if body.get("stream"):
            body.setdefault("stream_options", {"include_usage": True})
        try:
            return await asyncio.wait_for(self._exchange(client, body), self._options["timeout"])
        except (asyncio.TimeoutError, httpx.TimeoutException) as error:
            raise Unanswered(f"there was no whole answer within {self._options['timeout']:g} s") from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise GiveUp(f"{_place(self._url)} cannot be asked: {self._clean(str(error))}") from error
        except httpx.RequestError as error:
            raise Unanswered(f"{_place(self._url)}: {type(error).__name__}: {self._clean(str(error))}") from error

    async def _exchange(self, client: httpx.AsyncClient, body: dict[str, Any]) -> Answer:
        content = json.dumps(body, default=str).encode()
        async with client.stream("POST", self._url, content=content) as response:
            if not response.is_success:
                raise self._refusal(response, await _whole(response.aiter_bytes()))
            if "text/event-stream" in response.headers.get("content-type", ""):
                return await self._from_stream(response)
            return self._from_whole(await _whole(response.aiter_bytes()))

    def _from_whole(self, data: bytes) -> Answer:
        value = self._parsed(data)
        text = at_path(value, self._path)
        if text is None:
            raise Unanswered(f"its answer has nothing at {self._path}: {self._clean(_text(data))}", of_sample=True)
        return Answer(text, cut=at_path(value, "choices.0.finish_reason") == "length", **_usage(value))

    async def _from_stream(self, response: httpx.Response) -> Answer:
        """Server-sent events: pieces of the text, then a reason why it ended, then the tokens."""
        pieces: list[str] = []
        reason, usage = None, {}
        async for line in _lines(response):
            if not line.startswith("data:"):
                continue
            data = line[len("data:") :].strip()
            if data == "[DONE]":
                reason = reason or "done"
                break
            event = self._parsed(data.encode())
            pieces.append(at_path(event, "choices.0.delta.content") or "")
            reason = at_path(event, "choices.0.finish_reason") or reason
            usage = _usage(event) or usage
        if reason is None:
            raise Unanswered(f"its stream ended in the middle, after {sum(map(len, pieces))} characters", of_sample=True)
        return Answer("".join(pieces), cut=reason == "length", **usage)

    def _parsed(self, data: bytes) -> Any:
        if not data.strip():
            raise Unanswered("its answer is empty", of_sample=True)
        try:
            value = json.loads(data)
        except ValueError as error:
            raise Unanswered(f"its answer is not JSON: {self._clean(_text(data))}", of_sample=True) from error
        if isinstance(value, dict) and value.get("error"):
            raise Unanswered(f"its answer is an error: {self._clean(_words(data))}", of_sample=True)
        return value

    def _refusal(self, response: httpx.Response, data: bytes) -> Exception:
        status = response.status_code
        words = self._clean(_words(data))
        what = f"{_place(self._url)} answers with HTTP {status}" + (f": {words}" if words else "")
        if status in (401, 403):
            return GiveUp(f"{what}; {self._key_advice()}")
        if '"insufficient_quota"' in _text(data):
            return GiveUp(f"{what}; the account has nothing left to spend")
        again = status in MAY_PASS or status >= 500
        if not again and status not in OF_SAMPLE:
            return GiveUp(f"{what}; look at model, api_endpoint and model_params.base_url")
        wait = seconds_asked(response.headers) if again else None
        return Unanswered(what, again=again, wait=wait, of_sample=status in OF_SAMPLE)

    def _key_advice(self) -> str:
        named = self._options["api_key_env"]
        if named:
            return f"is the key in {named} right?"
        if self._key:
            return f"is the key right? It was taken from the first of {', '.join(KEY_VARIABLES)} that is set where the worker runs"
        return f"set {KEY_VARIABLES[0]} where the worker runs, or name another variable in api_key_env"

    async def _first_model(self, client: httpx.AsyncClient) -> str:
        place = f"{_place(self._base)}/models"
        try:
            response = await client.get(f"{str(self._base).rstrip('/')}/models")
        except httpx.HTTPError as error:
            raise GiveUp(f"the config names no model, and {place} cannot be asked: {type(error).__name__}: {self._clean(str(error))}") from error
        found = None
        if response.is_success:
            try:
                found = at_path(response.json(), "data.0.id")
            except ValueError:
                pass
        if not isinstance(found, str):
            raise GiveUp(f"the config names no model, and {place} names none either (HTTP {response.status_code}): give model")
        return found

    def _headers(self) -> dict[str, str]:
        options = self._options
        named = {
            "Authorization": f"Bearer {self._key}" if self._key else None,
            "OpenAI-Organization": options["organization"] or os.environ.get("OPENAI_ORG_ID"),
            "OpenAI-Project": options["project"] or os.environ.get("OPENAI_PROJECT_ID"),
        }
        return {"Content-Type": "application/json", **options["headers"], **{name: value for name, value in named.items() if value}}

    def _clean(self, text: str) -> str:
        """What a server says, fit for a log: some repeat the key that they were given."""
        return shown(text.replace(self._key, "***") if self._key else text)


def at_path(value: Any, path: str) -> Any:
    """The value at a dotted path of keys and positions; None where there is none."""
    for key in path.split("."):
        try:
            value = value[int(key) if isinstance(value, list) else key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
    return value


def _usage(value: Any) -> dict[str, Any]:
    usage = value.get("usage") if isinstance(value, dict) else None
    if not isinstance(usage, dict):
        return {}
    tokens = {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens")}
    found: dict[str, Any] = {name: count for name, count in tokens.items() if isinstance(count, int)}
    cost = usage.get("cost")
    return {**found, "cost": float(cost)} if isinstance(cost, (int, float)) else found


async def _whole(chunks: AsyncIterator[bytes]) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > MOST_BYTES:
            raise Unanswered(f"its answer has more than {MOST_BYTES} bytes", again=False, of_sample=True)
    return bytes(data)


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    taken = 0
    async for line in response.aiter_lines():
        taken += len(line)
        if taken > MOST_BYTES:
            raise Unanswered(f"its stream has more than {MOST_BYTES} characters", again=False, of_sample=True)
        yield line


def _words(data: bytes) -> str:
    """The message of an error in the protocol's form, else the text as it is."""
    try:
        error = json.loads(data).get("error")
    except (ValueError, AttributeError):
        return _text(data)
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else _text(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _first_of(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name, "").strip())), None)


def _key(named: str | None) -> str | None:
    if named is None:
        return _first_of(KEY_VARIABLES)
    key = _first_of((named,))
    if key is None:
        raise GiveUp(f"api_key_env names {named}, which is not set where the worker runs: set it there, and start the worker again")
    return key


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise GiveUp("model_params.base_url (or OPENAI_BASE_URL where the worker runs) must be an address such as https://api.openai.com/v1")
    return url


def _place(url: httpx.URL) -> str:
    """An address without what may be secret in it."""
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.host}{port}{url.path}".rstrip("/")
