"""Abbreviations by language, in the classes that the sentence splitter tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from summarizer.text.tables import LANGUAGES_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Abbreviations:
    """A language's abbreviations, without their last full stop; those with a capital stand only for that spelling.

    Args:
        never: titles and the like, which something always follows ("Mr.", "z. B.").
        seldom: end a sentence only when what follows can hardly stand inside one ("Inc.", "St.").
        mostly: end one before any capital letter but a month, weekday or time zone ("p.m.", "etc.").
        units: after a number they count things and may end a sentence ("2015 г."); else like ``never`` ("г. Киев").
        numbered: never end one before a digit ("No. 5"); otherwise ordinary words.
        ordinals: whether a full stop makes a number an ordinal ("am 3. Oktober").
        unfinished: no abbreviations, but words that no sentence ends with; a full stop stands behind one where a line
            ended.
        endings: what words end in that take a number ("Hauptstr. 5").
        lower: all of them in lower case, to tell quickly that a word is none.
    """

    never: frozenset[str] = frozenset()
    seldom: frozenset[str] = frozenset()
    mostly: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    ordinals: bool = False
    unfinished: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()
    lower: frozenset[str] = frozenset()

    def may_be(self, word: str) -> bool:
        """Whether a word could be an abbreviation at all; quick, and right for nearly all words."""
        lower = word.lower()
        return lower in self.lower or lower.endswith(self.endings)


# Months and addresses of other languages turn up in every language's news, so these serve all of them.
_EVERYWHERE = {
    "never": "dr prof Mr Mrs Ms Mt vs cf",
    "seldom": "St Jr Sr Inc Ltd Co Corp Jan Feb Mar Apr Aug Sept Sep Oct Nov Dec u.s u.k u.n e.u d.c",
    "mostly": "etc",
    "numbered": "no nr n° nº art p pp vol fig",
}

_TABLES: dict[str, dict[str, str]] = {
    "en": {
        "never": """Hon Rev Msgr Sen Sens Rep Reps Gov Govs Gen Lt Col Cmdr Capt Sgt Cpl Pvt Adm Maj Brig Pres Supt
            Det Insp Messrs Mme Mlle Fr Ft Atty Dep Dist Ald Asst e.g i.e viz approx v deg""",
        "seldom": """Ave Blvd Rd Dept dept Univ Assn Bros est Tel tel Ext ext al Calif Fla Ill Mass Mich Minn Wash
            Wis Ariz Colo Conn Ga Ky La Md Mo N.Y N.J N.C S.C N.H N.M L.A Va Pa Tenn Tex Okla Ore Jun Jul
            Mon Tue Wed Thu Fri Sat Sun Intl Natl ph.d m.d b.a m.a b.c a.d""",
        "mostly": "a.m p.m",
        "numbered": "nos sec ch ver op para ft lb oz",
        "unfinished": "the a an and my your our",
    },
    "de": {
        "never": """z zb z.b bzw ca vgl d.h u.a v.a i.d.r sog inkl exkl zzgl evtl ggf hr fr frl dipl ing mag habil
            h.c med phil rer nat jur st. geb verh gest u i d s.o s.u o.ä bspw einschl bes allg ehem gem lt
            mind max zt z.t pfr hl gegr univ""",
        "seldom": """abs ag aufl bd bde bhf chr dez febr hbf hrsg hg jan jh jhd jhdt mio mrd mo nov okt sept str tel
            tsd v.chr n.chr v n verf wg zus art jän mai""",
        "mostly": "usw usf u.s.w o.g pp etc",
        "numbered": "s kap ziff nr abb tab rn rd bd art ps az zif anm hs",
        "units": "std min sek km kg cm eur",
        "endings": "str",
        "ordinals": "yes",
        "unfinished": "der dem des und",
    },
    "fr": {
        "never": "mm mme mmes mlle mlles me mgr pr vve ex p.ex c.-à-d cad env st ste",
        "seldom": "janv févr fév avr juil sept oct nov déc av bd boul tél apr j.-c a.d hab éd coll s.a rép",
        "mostly": "etc",
        "numbered": "art chap fig n no nos p pp vol t al réf",
        "units": "min sec m km kg",
        "unfinished": "le la les du de des et",
    },
    "es": {
        "never": """sr sra sres sras srta d dª da dn dña dra dr dres lic ing arq gral cnel cap tte mons fr sto sta
            p.ej excmo excma ilmo ilma rvdo ud uds vd vds""",
        "seldom": """ee.uu ee.uu. uu ee ff.aa av avda c cía dpto ed edit ene febr feb mzo abr jun jul ago sep sept
            oct nov dic s.a s.l s.a.u hosp univ col a.c d.c tel pza pl apdo""",
        "mostly": "etc a.m p.m",
        "numbered": "aprox lun mié jue vie sáb dom art arts cap fig núm num n nº pág págs pag p pp t vol s ss",
        "unfinished": "el los las del y",
    },
    "it": {
        "never": "v sig sigg sig.ra dott dott.ssa avv ing arch on prof.ssa mons s ss cav gen col cap geom rag p.es ad",
        "seldom": "s.p.a s.r.l spa srl gen feb mar apr mag giu lug ago sett set ott nov dic v.le p.zza a.c d.c",
        "mostly": "ecc etc",
        "numbered": "sec art artt pag pagg n num cap vol fig tel ca circa",
        "unfinished": "il gli dei della delle",
    },
    "pt": {
        "never": "sr sra srs sras srta dra d exmo exma eng arq gen cel cap ten sto sta mons p.ex ex",
        "seldom": "av r jan fev mar abr mai jun jul ago set out nov dez s.a ltda cia tel e.u.a eua a.c d.c",
        "mostly": "etc",
        "numbered": "aprox art arts pág págs p pp n núm vol fig cap",
        "unfinished": "os dos das do da",
    },
    "nl": {
        "never": "dhr mevr mw drs ir ing mr bijv bv d.w.z o.a m.n m.a.w t.o.v i.v.m jl ca resp incl excl ds gen st",
        "seldom": "jan febr mrt apr jun jul aug sept okt nov dec n.v b.v a.d",
        "mostly": "enz etc e.d e.a",
        "numbered": "nr art blz p pag vol",
        "unfinished": "een en",
    },
    "pl": {
        "never": """np m.in tzn tzw prof dr hab mgr inż gen płk ppłk kpt por mjr ks bp abp św tj ul al pl pt ds woj
            gm pow red lek mec Cz Dz Rz Sz kard sierż asp nadkom kom insp podinsp dyw""",
        "seldom": "sp z.o.o s.a ok tel wyd im os",
        "mostly": "itd itp m.in.",
        "numbered": "m nr str s art ust pkt poz t par",
        "units": "r w tys mln mld zł gr godz min sek ha km proc",
        "ordinals": "yes",
    },
    "cs": {
        "never": "např tzv tzn tj mj ing mgr bc judr mudr phdr rndr doc sv gen plk pplk kpt npor resp pí p ul nám čs",
        "seldom": "s.r.o a.s spol tel l.p",
        "mostly": "atd apod aj ap",
        "numbered": "č str odst čl obr sb",
        "units": "tis mil mld kč hod min stol",
        "ordinals": "yes",
    },
    "uk": {
        "never": """ім дж акад проф доц канд ред гр гр. пп тзв т.зв напр див пор вул просп бул бульв пров пл майд наб
            смт сел буд кв оф корп ген підп кап лейт мол р-н бл прибл тел о п св мр нар заст нач зав""",
        "seldom": "січ лют квіт трав черв жовт груд обл ст т.ч м",
        "mostly": "тощо т.п т.ін т.д ін",
        "numbered": "с стор кн № ч п пп рис табл розд ст гл вип т №№ бер серп вер лип лист",
        "units": """р рр ст тис млн млрд трлн грн коп крб год хв сек с м км см мм кг г га т кв куб м.кв дол руб грам
            чол ос в""",
    },
    "ru": {
        "never": """им дж акад проф доц канд ред гр т.н т.наз т.е т напр см ср ул просп пр-т бул пер пл наб пос дер стр
            д корп кв ген подп кап лейт мл р-н о п св прим тов г-н г-жа зам нач зав и.о""",
        "seldom": "янв февр мар апр июн июл авг сент окт нояб дек обл т.ч пр н.э",
        "mostly": "проч т.п т.д др",
        "numbered": "с стр кн № ч п пп рис табл разд ст гл вып т",
        "units": """г гг в вв тыс млн млрд трлн руб коп долл ч мин сек с м км см мм кг га т кв куб чел экз р шт л
            градусов""",
    },
    "tr": {
        "never": "Dr Prof Doç Av Sn Op Yrd Öğr Alb Yzb bkz örn Hz",
        "seldom": "a.ş ltd şti tel cad sok mah apt m.ö m.s",
        "mostly": "vb vs vd",
        "numbered": "no s cilt md bkz",
        "ordinals": "yes",
    },
    "ro": {
        "never": "dl dna d-l d-na dv str bd sos ex conf gen col cpt lt av ing prof sf",
        "seldom": "s.a s.r.l ian febr feb mart apr iun iul aug sept oct noiem dec jud mun",
        "mostly": "etc ș.a",
        "numbered": "nr art alin p pag vol",
    },
    "sv": {
        "never": "bl.a t.ex d.v.s dvs fr.o.m t.o.m f.d s.k kl ca resp inkl exkl st",
        "seldom": "jan feb apr aug sept okt nov dec a.b tel",
        "mostly": "m.m osv m.fl etc",
        "numbered": "nr s kap",
        "unfinished": "och",
    },
    "da": {
        "never": "bl.a f.eks fx d.v.s dvs ca kl hr fr sct skt inkl ekskl pga mht",
        "seldom": "jan feb apr aug sept okt nov dec mio mia kr",
        "mostly": "m.m osv m.fl mv",
        "numbered": "nr s kap stk",
        "ordinals": "yes",
        "unfinished": "og",
    },
    "no": {
        "never": "bl.a f.eks d.v.s dvs ca kl inkl ekskl pga mht st",
        "seldom": "jan feb apr aug sept okt nov des mill mrd kr",
        "mostly": "m.m osv m.fl mv",
        "numbered": "nr s kap",
        "ordinals": "yes",
        "unfinished": "og",
    },
    "fi": {"never": "esim mm ns ks vrt n prof toht", "mostly": "jne ym yms", "numbered": "s nro", "ordinals": "yes"},
    "hu": {"never": "pl ún ill kb dr ifj özv id", "mostly": "stb", "numbered": "sz", "ordinals": "yes"},
    "el": {
        "never": "κ κα κκ δρ καθ π.χ δηλ βλ αγ λ.χ",
        "seldom": "μ.χ π.χ. α.ε ο.ε",
        "mostly": "κ.λπ κλπ κ.ά κ.α π.μ μ.μ",
        "numbered": "σελ αρ άρθ",
    },
    "vi": {
        "never": "TP Tp TS Ts ThS Ths GS Gs PGS BS Bs KS Q P TX TT đ.c Th.S Ng Th Ph Tr Kh Nh",
        "mostly": "v.v",
        "numbered": "số tr",
    },
    "id": {"never": "dr drs ir prof h hj kh jl tn ny sdr yth", "mostly": "dll dsb dst", "numbered": "no hlm"},
    "ar": {"never": "د أ م ص"},
    "fa": {"never": "م ق ش ه د"},
    "hi": {
        "never": """डॉ श्री प्रो सु कु एड ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी
            डब्ल्यू एक्स वाई जेड"""
    },
}


@lru_cache(LANGUAGES_KEPT)
def abbreviations(lang: str) -> Abbreviations:
    """Give a language's abbreviations, together with those found in every language."""
    table = _TABLES.get(lang, {})

    def words(kind: str) -> frozenset[str]:
        return frozenset(f"{table.get(kind, '')} {_EVERYWHERE.get(kind, '')}".split())

    kinds = {kind: words(kind) for kind in ("never", "seldom", "mostly", "units", "numbered", "unfinished")}
    return Abbreviations(
        **kinds,
        ordinals="ordinals" in table,
        endings=tuple(table.get("endings", "").split()),
        lower=frozenset(word.lower() for found in kinds.values() for word in found),
    )
