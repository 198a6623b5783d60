"""Signing by BSrE's eSign client service, which the agency runs on a server of its own.

The service takes a whole PDF, has its hash signed at BSrE with the official's key, and gives the PDF back with the
signature in it. Source: *Petunjuk Teknis Penggunaan API Esign Client Service* v2.0 (January 2024), and for what it
leaves out (error codes) what public clients of it expect.
"""
