"""A visitor without a browser: what Streamlit's page says to its server, over a websocket."""

import secrets
import threading
import time
import traceback
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.sync.client import connect

PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Took:
    """What one action took.

    Attributes:
        action: in words.
        feedback: seconds until the page changed in any way that a person sees.
        answer: seconds until it stood still.
    """

    action: str
    feedback: float
    answer: float


@dataclass
class Visitor:
    """One open page.

    Attributes:
        url: of the server.
        query: the address' query, as the browser's address bar would show it.
        drawn: what stands on the page, by its place.
        pages: the script of each page by its name, as the server told.
    """

    url: str
    query: dict[str, str] = field(default_factory=dict)
    drawn: dict[tuple[int, ...], Delta] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._page = ""
        self._main = ""
        self._session = ""
        self._token = secrets.token_hex(16)
        cookie = f"_streamlit_xsrf={self._token}"
        self._headers = {"Cookie": cookie, "X-Xsrftoken": self._token, "Origin": self.url}
        self._socket = connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            additional_headers={"Cookie": cookie, "Origin": self.url},
            subprotocols=["streamlit", self._token],
            max_size=None,
            compression=None,
            max_queue=None,  # while it looks at the page nobody reads, and pings want an answer
            legacy=True,
        )

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def open(self, name: str = "", **query: str) -> Took:
        """Open a page of the app, as its link in the navigation does."""
        self.query |= query
        if name and not self.pages:
            self._run("open", BackMsg())
        message = BackMsg()
        message.rerun_script.page_script_hash = self.pages.get(name, "")
        self._page = message.rerun_script.page_script_hash
        return self._run(f"page {name or 'first'}", message)

    def choose(self, key: str, option: str) -> Took:
        """Choose one of a select box or of a segmented control that the address knows."""
        box = self._widget(key)
        message, state = self._change(box.id)
        if hasattr(box, "raw_value"):
            state.string_value = option
        else:
            state.string_array_value.data.append(option)
        self.query[key] = option
        return self._run(f"{key} = {option}", message)

    def press(self, button: str, texts: Mapping[str, str] | None = None) -> Took:
        """Press a button by its label, with texts written into fields by theirs."""
        message, state = self._change(self._labelled(("button",), button).id)
        state.trigger_value = True
        for label, text in (texts or {}).items():
            written = message.rerun_script.widget_states.widgets.add()
            written.id = self._labelled(("text_area", "text_input"), label).id
            written.string_value = text
        return self._run(button, message)

    def options(self, key: str) -> list[str]:
        """What may be chosen."""
        return list(self._widget(key).options)

    def upload(self, name: str, content: bytes) -> Took:
        """Give a file of one's own; the time counts from when the file has been sent."""
        uploader = self._labelled(("file_uploader",), "Your own clips")
        back_msg = BackMsg()
        back_msg.file_urls_request.request_id = secrets.token_hex(8)
        back_msg.file_urls_request.file_names.append(name)
        back_msg.file_urls_request.session_id = self._session
        self._socket.send(back_msg.SerializeToString())
        place = self._until(lambda one: one.WhichOneof("type") == "file_urls_response")
        (urls,) = place.file_urls_response.file_urls
        border = secrets.token_hex(8)
        body = (
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: video/mp4\r\n\r\n"
        ).encode() + content + f"\r\n--{border}--\r\n".encode()  # fmt: skip
        headers = self._headers | {"Content-Type": f"multipart/form-data; boundary={border}"}
        request = urllib.request.Request(
            self.url + urls.upload_url, data=body, headers=headers, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):
            pass
        message, state = self._change(uploader.id)
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.file_id, file.name, file.size = urls.file_id, name, len(content)
        file.file_urls.CopyFrom(urls)
        self.query.pop("clip", None)
        return self._run("upload", message)

    def shown(self) -> list[str]:
        """What a person can read on the page, in order; nothing that differs between sessions."""
        return [text for place in sorted(self.drawn) if (text := readable(self.drawn[place]))]

    def _widget(self, key: str):  # type: ignore[no-untyped-def]
        for delta in self.drawn.values():
            element = delta.new_element
            kind = element.WhichOneof("type")
            widget = getattr(element, kind) if kind in ("selectbox", "button_group") else None
            if widget is not None and widget.query_param_key == key:
                return widget
        raise LookupError(f"there is no choice of {key!r} on the page")

    def _labelled(self, kinds: tuple[str, ...], label: str):  # type: ignore[no-untyped-def]
        for delta in self.drawn.values():
            kind = delta.new_element.WhichOneof("type")
            if kind in kinds and getattr(delta.new_element, kind).label == label:
                return getattr(delta.new_element, kind)
        raise LookupError(f"there is no {label!r} on the page: {self.shown()}")

    def _change(self, widget: str) -> tuple[BackMsg, WidgetState]:
        message = BackMsg()
        message.rerun_script.page_script_hash = self._page
        state = message.rerun_script.widget_states.widgets.add()
        state.id = widget
        return message, state

    def _run(self, action: str, message: BackMsg) -> Took:
        """Send it, and wait until the page stands still."""
        message.rerun_script.query_string = urlencode(self.query)
        begun = time.monotonic()
        first: list[float] = []
        fresh: set[tuple[int, ...]] = set()

        def still(one: ForwardMsg) -> bool:
            match one.WhichOneof("type"):
                case "new_session":
                    self._begin(one)
                    fresh.clear()
                case "delta":
                    place = tuple(one.metadata.delta_path)
                    fresh.add(place)
                    same = self.drawn.get(place) == one.delta
                    if not same and not first and visible(one.delta):
                        first.append(time.monotonic())
                    self.drawn[place] = one.delta
                case "page_info_changed":
                    self.query = dict(parse_qsl(one.page_info_changed.query_string))
                case "navigation":
                    self.pages = {
                        page.url_pathname: page.page_script_hash
                        for page in one.navigation.app_pages
                    }
                    self._page = one.navigation.page_script_hash
                case "script_finished":
                    return one.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
            return False

        self._socket.send(message.SerializeToString())
        self._until(still)
        done = time.monotonic()
        self.drawn = {place: delta for place, delta in self.drawn.items() if place in fresh}
        return Took(action, (first[0] if first else done) - begun, done - begun)

    def _begin(self, message: ForwardMsg) -> None:
        self._session = message.new_session.initialize.session_id or self._session

    def _until(self, found: Callable[[ForwardMsg], bool]) -> ForwardMsg:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            message = ForwardMsg.FromString(self._socket.recv(timeout=PATIENCE_SECONDS))
            if found(message):
                return message
        raise TimeoutError(f"no answer in {PATIENCE_SECONDS} s")


def visible(delta: Delta) -> bool:
    """Whether a delta draws something that is seen: no container, nothing empty."""
    return delta.WhichOneof("type") == "new_element" and (
        delta.new_element.WhichOneof("type") not in ("empty", "html")
    )


def readable(delta: Delta) -> str:
    """What a person reads of one element; empty for what has no words or numbers of its own."""
    element = delta.new_element
    match element.WhichOneof("type"):
        case "markdown":
            return str(element.markdown.body)
        case "heading":
            return str(element.heading.body)
        case "text":
            return str(element.text.body)
        case "alert":
            return str(element.alert.body)
        case "exception":
            return str(element.exception.message)
        case "metric":
            return f"{element.metric.label} {element.metric.body}"
        case "code":
            return str(element.code.code_text)
        case "plotly_chart":
            return str(element.plotly_chart.spec)
        case "bidi_component":
            drawn = type(element.bidi_component)()
            drawn.CopyFrom(element.bidi_component)
            for code in ("html_content", "css_content", "js_content"):  # which nobody reads
                drawn.ClearField(code)
            return str(drawn)
        case "arrow_data_frame" | "dataframe":
            return str(element)
    return ""


def together(
    works: list[Callable[[], None]], *, expected: tuple[type[BaseException], ...] = ()
) -> list[BaseException]:
    """Run each in a thread of its own; what they raised that was not expected."""
    raised: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except expected:
            return
        except BaseException as error:  # looked at by who asked, and told to who waits
            traceback.print_exc()
            raised.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
