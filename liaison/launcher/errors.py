"""The one exception an operator may see, and what other failures are called in their words."""

from __future__ import annotations

import errno

_WORDS = {
    errno.ENOSPC: "磁盘已满，请先释放空间",
    errno.EDQUOT: "磁盘配额已用完，请先释放空间",
    errno.EFBIG: "文件不能再增大，请检查磁盘和大小限制",
    errno.EROFS: "磁盘只能读取，不能写入",
    errno.EACCES: "没有读写权限，请以数据目录的所有者（或 root）运行",
    errno.EPERM: "没有读写权限，请以数据目录的所有者（或 root）运行",
    errno.EMFILE: "打开的文件过多",
    errno.ENOMEM: "内存不足",
    errno.ENOENT: "找不到文件",
    errno.EIO: "磁盘读写出错，请检查磁盘",
}


class LauncherError(RuntimeError):
    """The launcher cannot do what was asked; the message is for the operator, in Chinese."""


def in_words(error: OSError) -> str:
    """One Chinese sentence about what the system refused, with the file if it names one."""
    words = _WORDS.get(
        error.errno or 0, f"系统拒绝了操作（{errno.errorcode.get(error.errno or 0, '原因不明')}）"
    )
    return f"{words}：{error.filename}。" if error.filename else f"{words}。"
