"""What Google's systems share: signing in as a service account, quotas, how Google wants people written.

No system itself (it holds no `strings.toml`). Google's own library signs and does no more: its transport is
synchronous, and everything outbound goes over the one session (vendors.md §6).
"""
