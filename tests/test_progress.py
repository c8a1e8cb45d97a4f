"""What the progress bar writes, with a clock that the tests turn: on a terminal, in a notebook, in a log."""

from __future__ import annotations

import io
import sys

import pytest

from pynn.progress import Progbar, format_duration, format_logs, format_step, rewrites_lines


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Latin(Terminal):
    encoding = "latin-1"


class Notebook(io.StringIO):
    pass


Notebook.__module__ = "ipykernel.iostream"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """No colours unless a test wants them, and a terminal of 200 columns."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")


def run(bar, clock, steps, seconds, logs=None):
    for step in range(1, steps + 1):
        clock.now += seconds
        bar.update(step, logs)
    bar.finish(steps, logs)


def test_log_file_gets_one_line_without_control_characters(clock):
    stream = io.StringIO()
    run(Progbar(469, stream=stream, clock=clock), clock, 469, 0.002, {"accuracy": 0.87234, "loss": 0.44019})
    assert stream.getvalue() == "469/469 ━━━━━━━━━━━━━━━━━━━━ 0s 2ms/step - accuracy: 0.8723 - loss: 0.4402\n"


def test_terminal_is_rewritten_at_most_ten_times_a_second(clock):
    stream = Terminal()
    run(Progbar(1000, stream=stream, clock=clock), clock, 1000, 0.001)
    lines = stream.getvalue().split("\r")
    assert lines[0] == ""
    assert 10 <= len(lines) - 1 <= 12  # one second of steps, the first step and the last line


def test_terminal_line_while_running_and_when_done(clock):
    stream = Terminal()
    bar = Progbar(200, stream=stream, clock=clock)
    clock.now += 5  # the first step warms up and does not count
    bar.update(1)
    clock.now += 49 * 0.5
    bar.update(50, {"loss": 0.5})
    line = stream.getvalue().split("\r")[-1]
    assert line == " 50/200 ━━━━━─────────────── 1:15 500ms/step - loss: 0.5000"
    clock.now += 150 * 0.5
    bar.finish(200, {"loss": 0.25, "val_loss": 0.3})
    last = stream.getvalue().split("\r")[-1]
    assert last == "200/200 ━━━━━━━━━━━━━━━━━━━━ 1:44 500ms/step - loss: 0.2500 - val_loss: 0.3000\n"


def test_a_shorter_line_wipes_the_longer_one(clock):
    stream = Terminal()
    bar = Progbar(10, stream=stream, clock=clock)
    clock.now += 1
    bar.update(1, {"loss": 0.5})
    clock.now += 1
    bar.finish(10)
    first, last = stream.getvalue().split("\r")[1:]
    assert last.endswith(" \n")
    assert len(last.rstrip("\n")) == len(first)


def test_colours_on_a_terminal(clock, monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    stream = Terminal()
    bar = Progbar(4, stream=stream, clock=clock)
    clock.now += 1
    bar.update(1)
    bold, green, grey, off = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"
    assert stream.getvalue() == (
        f"\r{bold}1/4 {off}{green}{'━' * 5}{off}{grey}{'━' * 15}{off}{bold} 3s{off} 1s/step"
    )


def test_a_narrow_terminal_is_not_overrun(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    bar = Progbar(4, stream=stream, clock=clock)
    clock.now += 1
    bar.update(1, {"loss": 1.0, "accuracy": 0.5})
    assert len(stream.getvalue().lstrip("\r")) == 39
    bar.finish(4, {"loss": 1.0, "accuracy": 0.5})
    assert stream.getvalue().endswith("loss: 1.0000 - accuracy: 0.5000\n")


def test_notebook_is_rewritten_but_a_string_stream_is_not(clock):
    assert rewrites_lines(Notebook())
    assert rewrites_lines(Terminal())
    assert not rewrites_lines(io.StringIO())
    stream = Notebook()
    run(Progbar(3, stream=stream, clock=clock), clock, 3, 1)
    assert stream.getvalue().count("\r") == 4
    assert "\b" not in stream.getvalue()


def test_stream_without_the_bar_characters_gets_ascii(clock):
    stream = Latin()
    bar = Progbar(4, stream=stream, clock=clock)
    clock.now += 1
    bar.update(1)
    clock.now += 3
    bar.finish(4)
    assert stream.getvalue().split("\r")[1] == "1/4 =====............... 3s 1s/step"
    stream.getvalue().encode("latin-1")


def test_unknown_number_of_steps(clock):
    stream = Terminal()
    bar = Progbar(None, stream=stream, clock=clock)
    clock.now += 1
    bar.update(1)
    clock.now += 1.1
    bar.update(12)
    assert stream.getvalue().split("\r")[-1] == "     12/Unknown 2s 100ms/step"
    bar.finish(12)
    assert stream.getvalue().split("\r")[-1].startswith("12/12 ━━━━━━━━━━━━━━━━━━━━ 2s")


def test_no_step_at_all(clock):
    stream = io.StringIO()
    Progbar(None, stream=stream, clock=clock).finish(0)
    assert stream.getvalue() == "      0/Unknown 0s 0s/step\n"


def test_verbose_two_writes_one_plain_line_even_on_a_terminal(clock):
    stream = Terminal()
    run(Progbar(4, verbose=2, stream=stream, clock=clock), clock, 4, 0.25, {"loss": 0.5, "mae": -2.0})
    assert stream.getvalue() == "4/4 - 1s - 250ms/step - loss: 0.5000 - mae: -2.0000\n"


def test_verbose_zero_is_silent(clock):
    stream = Terminal()
    run(Progbar(4, verbose=0, stream=stream, clock=clock), clock, 4, 1)
    assert stream.getvalue() == ""


def test_logs_are_made_only_to_be_written(clock):
    calls = []

    def logs():
        calls.append(clock.now)
        return {"loss": 1.0}

    bar = Progbar(1000, stream=Terminal(), clock=clock)
    for step in range(1, 1001):
        clock.now += 0.001
        bar.update(step, logs)
    assert 9 <= len(calls) <= 11
    calls.clear()
    bar = Progbar(1000, stream=io.StringIO(), clock=clock)
    for step in range(1, 1001):
        clock.now += 1
        bar.update(step, logs)
    assert calls == []


def test_stdout_of_the_moment_is_the_default(monkeypatch, clock):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    Progbar(1, clock=clock).finish(1)
    assert stream.getvalue().startswith("1/1")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59.9, "59s"),
        (60, "1:00"),
        (61, "1:01"),
        (3599, "59:59"),
        (3661, "1:01:01"),
        (90000, "25:00:00"),
    ],
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s/step"), (2.4, "2s/step"), (0.0056, "6ms/step"), (8e-5, "80us/step")],
)
def test_step_times(seconds, text):
    assert format_step(seconds) == text


def test_values():
    assert format_logs({"a": 0.0005, "b": -3, "c": float("nan"), "d": 0}) == (
        " - a: 5.0000e-04 - b: -3.0000 - c: nan - d: 0.0000e+00"
    )
