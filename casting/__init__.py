"""casting"""
